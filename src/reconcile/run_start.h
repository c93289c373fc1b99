// How a PipelineRun starts: everything it executes is fixed before its first pod can exist. Pure.
//
// Flow: obstacles looked at -> a place among the workspace's runs (places.h) -> ControllerRevision made or joined, and
// the start marked on the run -> pin in status. Guarantees: the mark, the revision and what is taken over exist before
// the pin, the pin before any pod. A run that carries the mark of another uid came from a backup and is never run
// again. What a retry takes over is in status with the pin.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "atelier/api/business_domain.h"
#include "atelier/api/data_domain.h"
#include "atelier/api/pipeline.h"
#include "atelier/api/pipeline_run.h"
#include "atelier/api/workspace.h"
#include "reconcile/event_note.h"
#include "reconcile/revision_record.h"
#include "reconcile/watched_namespaces.h"

namespace atelier::reconcile {

// Everything the decision reads. Pointers are borrowed for the call and null where there is no such object.
struct RunStartInput {
  const api::PipelineRun& run;
  const api::Pipeline* pipeline = nullptr;
  const api::Workspace* workspace = nullptr;
  const api::DataDomain* domain = nullptr;
  const api::BusinessDomain* tenant = nullptr;
  const RevisionRecord* revision = nullptr;  // of the name that wanted_revision() gives
  std::string refused;  // what the API server said to the writes of the start before; empty: nothing
  WallTime now;
  const api::PipelineRun* former = nullptr;  // of the name in spec.retryOf or spec.rerunOf
  // Large results that the run would take over, by SHA-256: those that it owns too, and those that are gone.
  std::set<std::string> joined_results = {};
  std::set<std::string> lost_results = {};
  std::int64_t ahead = 0;                  // older runs of the workspace that ask for a place, see places.h
  std::map<Uid, std::string> delays = {};  // of runs that have one
  WatchedNamespaces watches = {};
};

struct RunStartDecision {
  api::PipelineRunStatus status;                  // to be written when it differs from the present one
  std::optional<nlohmann::json> create_revision;  // whole object
  bool join_revision = false;                     // add the run to the owners of the existing one
  std::set<std::string> join_results;             // add the run to the owners of these large results
  bool mark = false;                              // write the start mark
  bool waits_for_place = false;                   // and for nothing else
  std::vector<Note> notes;
};

// REQUIRES a run without a pin that is not over.
RunStartDecision decide_start(const RunStartInput& input);

// The plan that a run of this pipeline would execute now, without what it may take over. Empty while there is an
// obstacle.
std::optional<api::RunPlan> wanted_plan(const RunStartInput& input);

// The name of the revision that the run is to be pinned to: of wanted_plan(), or with retryOf that of the run before.
// Empty while that is not known.
std::string wanted_revision(const RunStartInput& input);

// The uid that the run's start mark names; empty without one.
std::string start_mark(const api::PipelineRun& run);
bool is_over(const api::PipelineRunStatus& status);

}  // namespace atelier::reconcile
