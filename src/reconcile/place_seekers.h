// The runs that the places of a Workspace are about, as the caches show them.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "atelier/kube/plan.h"
#include "reconcile/places.h"
#include "reconcile/world.h"

namespace atelier::reconcile {

// All that ask for one, start or are under way, and those that have one. A run that has one and is not in the cache
// holds it until a live read, which is added to `plan`, says that it is gone: the cache may be behind.
std::vector<PlaceSeeker> place_seekers(const World& world, const api::Workspace& workspace, kube::Plan& plan,
                                       const kube::Feedback& feedback);

// What delays those that have a place, by uid: see places.h.
std::map<Uid, std::string> delays_of_holders(const World& world, const api::Workspace& workspace);

// How many older runs ask for a place of that workspace.
std::int64_t runs_ahead(const World& world, const std::string& workspace, const api::PipelineRun& run);

// The name of the Workspace that the run is one of; empty while that is not known.
std::string workspace_of(const World& world, const api::PipelineRun& run);

}  // namespace atelier::reconcile
