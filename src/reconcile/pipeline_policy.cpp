#include "reconcile/pipeline_policy.h"

#include "atelier/api/validate.h"
#include "reconcile/grants.h"
#include "reconcile/status_conditions.h"

namespace atelier::reconcile {

using meta::ConditionStatus;

std::optional<Obstacle> obstacle(const api::PipelineSpec& spec, const api::Workspace* workspace,
                                 const api::DataDomain* domain, const api::BusinessDomain* tenant,
                                 const WatchedNamespaces& watches) {
  const api::Violations violations = api::validate(spec);
  if (!violations.empty()) {
    std::string message = violations.front().to_string();
    if (violations.size() > 1) message += " (and " + std::to_string(violations.size() - 1) + " more)";
    return Obstacle{{violations.front().reason, std::move(message)}, false};
  }
  const std::string named = "Workspace \"" + spec.workspace.name + "\"";
  if (workspace == nullptr) {
    return Obstacle{{"WorkspaceNotFound",
                     "spec.workspace.name: there is no " + named + " in this namespace; create it or correct the name"},
                    true};
  }
  if (auto refusal = admit(*workspace, domain, tenant, watches)) {
    refusal->message = named + " is not admitted: " + refusal->message;
    return Obstacle{std::move(*refusal), true};
  }
  if (!workspace->status.release) {
    const meta::Condition* ready = meta::find_condition(workspace->status.conditions, "Ready");
    return Obstacle{
        {"WorkspaceNotPublished", named + " has no live release yet" + (ready == nullptr ? "" : ": " + ready->message)},
        true};
  }
  if (workspace->status.release->image_digest.empty()) {
    return Obstacle{{"ImageDigestUnknown",
                     "the node reported no digest for the image of " + named +
                         ", so a run cannot be pinned; push the image to a registry instead of importing it, or name "
                         "it by spec.image.digest"},
                    true};
  }
  if (auto refusal = beyond_profile(*workspace, domain, tenant)) {
    refusal->message = named + ": " + refusal->message;
    return Obstacle{std::move(*refusal), true};
  }
  if (auto refusal = beyond_grants(spec, *workspace, domain, tenant)) return Obstacle{std::move(*refusal), true};
  return std::nullopt;
}

namespace {

// What atelier lint warns of, for those who apply without it: once for what was written.
void advise(const api::PipelineSpec& spec, PipelineDecision& out) {
  const api::Violations found = api::warnings(spec);
  if (found.empty()) return;
  std::string message = found.front().to_string();
  if (found.size() > 1) message += " (and " + std::to_string(found.size() - 1) + " more: atelier lint lists them)";
  out.notes.push_back({true, found.front().reason, std::move(message)});
}

}  // namespace

PipelineDecision decide(const PipelineInput& input) {
  const api::Pipeline& pipeline = input.pipeline;
  PipelineDecision out;
  out.status = pipeline.status;
  if (pipeline.metadata.deleting()) return out;
  out.status.observed_generation = pipeline.metadata.generation;
  out.status.tasks = static_cast<std::int64_t>(pipeline.spec.tasks.size());
  StatusConditions conditions{pipeline.status.conditions, out.status.conditions, pipeline.metadata.generation,
                              input.now};
  if (const auto found = obstacle(pipeline.spec, input.workspace, input.domain, input.tenant, input.watches)) {
    const auto& [reason, message] = found->refusal;
    // A workspace and its pipelines are applied together, and the first publish takes a while: no news.
    const bool usual = reason == "WorkspaceNotPublished";
    if (!usual && conditions.is_news("Ready", ConditionStatus::false_, reason)) {
      out.notes.push_back({true, reason, message});
    }
    conditions.set("Ready", ConditionStatus::false_, reason, message);
    if (found->waits) {
      conditions.remove("Stalled");
    } else {
      conditions.set("Stalled", ConditionStatus::true_, reason, message);
    }
    return out;
  }
  const meta::Condition* before = meta::find_condition(pipeline.status.conditions, "Ready");
  const bool told = before != nullptr && before->status == ConditionStatus::true_ &&
                    before->observed_generation == pipeline.metadata.generation;
  if (!told) advise(pipeline.spec, out);
  conditions.set("Ready", ConditionStatus::true_, "Valid", "runs of this pipeline can start");
  conditions.remove("Stalled");
  return out;
}

}  // namespace atelier::reconcile
