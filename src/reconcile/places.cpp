#include "reconcile/places.h"

#include <algorithm>
#include <tuple>

#include "reconcile/run_start.h"

namespace atelier::reconcile {
namespace {

using Need = PlaceSeeker::Need;

bool contains(const std::vector<api::RunReference>& places, const Uid& run) {
  return std::any_of(places.begin(), places.end(), [&run](const api::RunReference& one) { return one.uid == run; });
}

}  // namespace

std::vector<api::RunReference> decide_places(const std::vector<api::RunReference>& places,
                                             const std::vector<PlaceSeeker>& seekers,
                                             std::optional<std::int64_t> limit) {
  std::vector<api::RunReference> out;
  for (const api::RunReference& place : places) {
    const auto left = [&place](const PlaceSeeker& one) { return one.run.uid == place.uid && one.need == Need::none; };
    if (std::none_of(seekers.begin(), seekers.end(), left)) out.push_back(place);
  }
  std::vector<const PlaceSeeker*> asking;
  auto taken = static_cast<std::int64_t>(out.size());
  for (const PlaceSeeker& one : seekers) {
    if (contains(out, one.run.uid)) continue;
    if (one.need == Need::holds) ++taken;  // started by a version that knew no places
    if (one.need == Need::asks) asking.push_back(&one);
  }
  const auto rank = [](const PlaceSeeker* one) { return std::tie(one->created, one->run.uid); };
  std::sort(asking.begin(), asking.end(),
            [&rank](const PlaceSeeker* one, const PlaceSeeker* other) { return rank(one) < rank(other); });
  for (const PlaceSeeker* one : asking) {
    if (taken >= limit.value_or(0)) break;
    out.push_back(one->run);
    ++taken;
  }
  return out;
}

bool asks_for_place(const api::PipelineRun& run) {
  if (run.status.pin || run.spec.cancel || run.metadata.deleting() || is_over(run.status)) return false;
  const meta::Condition* succeeded = meta::find_condition(run.status.conditions, "Succeeded");
  return succeeded != nullptr && succeeded->reason == kWaitsForPlace;
}

bool comes_before(const api::PipelineRun& one, const api::PipelineRun& other) {
  const auto created = [](const api::PipelineRun& run) { return run.metadata.creation_timestamp.value_or(WallTime{}); };
  return std::tuple(created(one), one.metadata.uid) < std::tuple(created(other), other.metadata.uid);
}

std::string what_delays(const api::PipelineRun& holder) {
  const api::PipelineRunStatus& status = holder.status;
  if (is_over(status)) return "over, and a pod of it still ends";
  const meta::Condition* succeeded = meta::find_condition(status.conditions, "Succeeded");
  const std::string reason = succeeded == nullptr ? "" : succeeded->reason;
  if (!status.pin) return reason.empty() || reason == kWaitsForPlace ? "" : "has not started: " + reason;
  if (reason == "Suspended") return "suspended";
  const auto runs = [](const api::TaskStatus& task) { return task.state == "Running"; };
  if (std::any_of(status.tasks.begin(), status.tasks.end(), runs)) return "";
  const auto asks = [](const api::TaskStatus& task) { return task.reason == "WaitsForApproval"; };
  const auto task = std::find_if(status.tasks.begin(), status.tasks.end(), asks);
  return task == status.tasks.end() ? "" : "waits for people: " + task->name;
}

std::string to_text(const PlaceLine& line) {
  constexpr std::size_t kMost = 3;
  std::string out = "Workspace \"" + line.workspace + "\" lets at most " + std::to_string(line.limit) +
                    (line.limit == 1 ? " run" : " runs") + " be under way at a time (maxParallelPipelines, profile \"" +
                    line.profile + "\")";
  for (std::size_t i = 0; i < line.holders.size() && i < kMost; ++i) {
    out += (i == 0 ? ", now " : ", ") + line.holders[i].name;
    const auto delay = line.delays.find(line.holders[i].uid);
    if (delay != line.delays.end()) out += " (" + delay->second + ")";
  }
  if (line.holders.size() > kMost) out += " and " + std::to_string(line.holders.size() - kMost) + " more";
  return out + "; this run is number " + std::to_string(line.ahead + 1) + " in the line";
}

}  // namespace atelier::reconcile
