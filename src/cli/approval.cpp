#include "cli/approval.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "atelier/api/codec.h"
#include "atelier/api/validate.h"
#include "cli/phase.h"
#include "cli/why.h"

namespace atelier::cli {
namespace {

Error vain(std::string words) { return {Errc::conflict, std::move(words)}; }

}  // namespace

Result<nlohmann::json> approval(const api::ApprovalSpec& word, const api::PipelineRun& run,
                                const api::PipelineSpec* pipeline) {
  for (const api::Violation& one : api::validate(word)) return invalid(one.to_string());
  const std::string name = "run \"" + run.metadata.name + "\"";
  const api::TaskStatus* task = find_task(run.status, word.task);
  if (pipeline != nullptr && (task == nullptr || task->reason != "WaitsForApproval")) {
    std::string waiting;
    // What has started executes the pipeline as it was then: a task that is not in it any more may have asked people.
    bool asked =
        run.status.pin.has_value() && std::none_of(pipeline->tasks.begin(), pipeline->tasks.end(),
                                                   [&word](const api::Task& one) { return one.name == word.task; });
    for (const api::Task& one : pipeline->tasks) {
      if (!one.approval) continue;
      asked = asked || one.name == word.task;
      waiting += (waiting.empty() ? "" : ", ") + one.name;
    }
    if (!asked) {
      return vain("\"" + word.task + "\" is no task of " + name + " that people approve; " +
                  (waiting.empty() ? "there is none" : "there are " + waiting));
    }
  }
  if (is_over(run) || (task != nullptr && task->state != "Waiting")) {
    return vain("\"" + word.task + "\" of " + name + " has ended" +
                (task == nullptr ? "" : " (" + task->state + (task->reason.empty() ? "" : ", " + task->reason) + ")") +
                ": nobody's word counts any more");
  }
  if (run.spec.author.empty()) {
    return vain(name + " does not say who made it, so nobody can approve it; make another one with: atelier run " +
                run.spec.pipeline.name);
  }
  if (run.spec.author == word.user) {
    return vain("you (" + word.user + ") started " + name + ", so your own word does not count; ask a colleague");
  }
  return nlohmann::json{
      {"apiVersion", api::kApiVersion},
      {"kind", api::Approval::kKind},
      {"metadata", {{"namespace", run.metadata.ns}, {"generateName", run.metadata.name.substr(0, 57) + "-"}}},
      {"spec", api::serialize(word)}};
}

}  // namespace atelier::cli
