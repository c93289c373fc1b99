#include "atelier/api/pipeline.h"

#include <algorithm>
#include <stdexcept>

#include "api/codec_body.h"
#include "api/pipeline_table.h"

namespace atelier::api {

const Task& task_of(const PipelineSpec& spec, std::string_view name) {
  const auto same = [name](const Task& task) { return task.name == name; };
  for (const auto* tasks : {&spec.tasks, &spec.finally}) {
    const auto found = std::find_if(tasks->begin(), tasks->end(), same);
    if (found != tasks->end()) return *found;
  }
  throw std::logic_error("the plan has no task \"" + std::string(name) + "\"");
}

ATELIER_CODEC(Pipeline);
ATELIER_CODEC(PipelineSpec);
ATELIER_CODEC(PipelineStatus);

}  // namespace atelier::api
