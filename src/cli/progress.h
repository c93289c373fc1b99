// What has become of a run since it was told last.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "atelier/api/pipeline_run.h"
#include "cli/terminal.h"

namespace atelier::cli {

// On a screen a few lines that are written over; elsewhere one plain line for each change.
class Progress {
 public:
  explicit Progress(const Terminal& terminal) : terminal_(terminal) {}

  void show(const api::PipelineRun& run, WallTime now);

 private:
  void draw(const api::PipelineRun& run, WallTime now);
  void tell(const api::PipelineRun& run);

  const Terminal& terminal_;
  std::map<std::string, std::string> told_;  // of a task, and under "" of the run
  std::size_t drawn_ = 0;                    // lines on the screen
};

}  // namespace atelier::cli
