#include "reconcile/place_seekers.h"

#include <algorithm>

#include "atelier/kube/request.h"
#include "reconcile/live_reads.h"
#include "reconcile/run_start.h"
#include "reconcile/run_takeover.h"

namespace atelier::reconcile {
namespace {

using Need = PlaceSeeker::Need;

bool is_at_work(const World& world, const ObjectKey& run, const Uid& uid) {
  const auto pods = world.pods.objects_of(kByRun, run.to_string());
  return std::any_of(pods.begin(), pods.end(),
                     [&uid](const auto& pod) { return pod->run_uid == uid && !pod->terminal(); });
}

Need need_of(const World& world, const api::PipelineRun& run, const std::string& workspace) {
  if (run.status.pin && run.status.pin->workspace != workspace) return Need::none;
  if (is_over(run.status)) {
    return is_at_work(world, run.metadata.key(), run.metadata.uid) ? Need::holds : Need::none;
  }
  if (run.status.pin) return Need::holds;
  if (run.metadata.deleting()) return Need::none;
  return asks_for_place(run) && workspace_of(world, run) == workspace ? Need::asks : Need::keeps;
}

// Of a run that has a place and is not in the cache.
Need need_of_missing(const World& world, const ObjectKey& key, const Uid& uid, kube::Plan& plan,
                     const kube::Feedback& feedback) {
  const std::string id = "confirm that run " + key.name + " is gone";
  const auto* answer = feedback.find(id);
  const bool is_known = answer != nullptr && (*answer || answer->error().code == Errc::not_found);
  if (!is_known) {
    plan.writes.push_back({id, kube::get(resource_of<api::PipelineRun>(), key), api::PipelineRun::kPlural, key});
    return Need::holds;
  }
  return says_gone(*answer, uid) && !is_at_work(world, key, uid) ? Need::none : Need::holds;
}

}  // namespace

std::vector<PlaceSeeker> place_seekers(const World& world, const api::Workspace& workspace, kube::Plan& plan,
                                       const kube::Feedback& feedback) {
  const std::string& ns = workspace.metadata.ns;
  const std::string& name = workspace.metadata.name;
  const auto& places = workspace.status.places;
  const auto has_place = [&places](const Uid& run) {
    return std::any_of(places.begin(), places.end(), [&run](const auto& one) { return one.uid == run; });
  };
  std::vector<PlaceSeeker> out;
  const auto add = [&](const api::PipelineRun& run) {
    out.push_back({{run.metadata.name, run.metadata.uid},
                   run.metadata.creation_timestamp.value_or(WallTime{}),
                   need_of(world, run, name)});
  };
  for (const auto& run : world.runs.objects_of(kUnfinished, ns)) {
    if (!has_place(run->metadata.uid)) add(*run);
  }
  for (const api::RunReference& place : places) {
    const ObjectKey key{ns, place.name};
    const auto run = world.runs.get(key);
    if (run != nullptr && run->metadata.uid == place.uid) {
      add(*run);
    } else {
      out.push_back({place, WallTime{}, need_of_missing(world, key, place.uid, plan, feedback)});
    }
  }
  return out;
}

std::map<Uid, std::string> delays_of_holders(const World& world, const api::Workspace& workspace) {
  std::map<Uid, std::string> out;
  for (const api::RunReference& place : workspace.status.places) {
    const auto run = world.runs.get({workspace.metadata.ns, place.name});
    if (run == nullptr || run->metadata.uid != place.uid) continue;
    if (std::string words = what_delays(*run); !words.empty()) out.emplace(place.uid, std::move(words));
  }
  return out;
}

std::int64_t runs_ahead(const World& world, const std::string& workspace, const api::PipelineRun& run) {
  const auto runs = world.runs.objects_of(kUnfinished, run.metadata.ns);
  return std::count_if(runs.begin(), runs.end(), [&](const auto& other) {
    return other->metadata.uid != run.metadata.uid && asks_for_place(*other) && comes_before(*other, run) &&
           workspace_of(world, *other) == workspace;
  });
}

std::string workspace_of(const World& world, const api::PipelineRun& run) {
  if (run.status.pin) return run.status.pin->workspace;
  const std::string& ns = run.metadata.ns;
  const auto* named = former_of(run.spec);
  const auto former = named == nullptr ? nullptr : world.runs.get({ns, named->name});
  return workspace_of(run, former.get(), world.pipelines.get({ns, run.spec.pipeline.name}).get());
}

}  // namespace atelier::reconcile
