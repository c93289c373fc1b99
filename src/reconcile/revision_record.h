// A ControllerRevision as the operator keeps it: the plan of runs, immutable and shared by the runs that execute it.
#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "atelier/api/pipeline_run.h"
#include "atelier/base/result.h"

namespace atelier::reconcile {

struct RevisionRecord {
  ObjectKey key;
  Uid uid;
  std::vector<Uid> owners;
  api::RunPlan plan;
};

// Error: server, when it is not a ControllerRevision that holds a plan.
Result<std::shared_ptr<const RevisionRecord>> decode_revision(std::string_view document);

// The ControllerRevision of `plan`, named after its content. Owned by the Pipeline and by each run that uses it, so
// that it stays as long as any of them.
std::string revision_name(const std::string& pipeline, const api::RunPlan& plan);
nlohmann::json revision(const std::string& name, const api::RunPlan& plan, const api::Pipeline& pipeline,
                        const api::PipelineRun& run);
// The same JSON, escaped as Go does it. The API server keeps the bytes of `data` as they come, but writes it anew for
// every patch, and then finds that what may not change has changed: nobody could join the owners.
std::string escaped_as_stored(const std::string& text);
nlohmann::json run_owner_reference(const api::PipelineRun& run);

}  // namespace atelier::reconcile
