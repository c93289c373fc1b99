// Which runs of a Workspace may be under way: at most as many as its profile's maxParallelPipelines. Pure.
//
// Flow: a run that lacks nothing else asks for a place in its own status (WaitsForPlace) -> the Workspace's status
// names it in `places`, the oldest first -> only such a run is marked and pinned -> its place is free when it is over
// and has no pod at work, or is gone.
// Guarantees: a place is in status, under a resourceVersion precondition, before the run's pin can exist, so that
// neither a stale cache nor a second leader starts one too many. A place is never taken back: what waits again after
// it got one, for a Pipeline that is gone for example, keeps it until it is cancelled or deleted.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "atelier/api/pipeline_run.h"

namespace atelier::reconcile {

inline constexpr const char* kWaitsForPlace = "WaitsForPlace";

// One run as the places of one Workspace see it.
struct PlaceSeeker {
  enum class Need {
    none,   // it is over without a pod at work, gone, or another workspace's for good
    keeps,  // it has not started, and waits for something else; what it has it keeps
    asks,
    holds,  // it is under way, or may be
  };

  api::RunReference run;
  WallTime created{};
  Need need = Need::none;
};

// What becomes of `places`, of which each is among the seekers. Without a limit nobody gets one.
std::vector<api::RunReference> decide_places(const std::vector<api::RunReference>& places,
                                             const std::vector<PlaceSeeker>& seekers,
                                             std::optional<std::int64_t> limit);

// Whether its status asks for a place, with nothing that speaks against one.
bool asks_for_place(const api::PipelineRun& run);
// Older runs come first.
bool comes_before(const api::PipelineRun& one, const api::PipelineRun& other);

// What a run that has a place waits for itself, in a few words; empty where it simply runs. Status tells.
std::string what_delays(const api::PipelineRun& holder);

// For the run's condition: `ahead` older runs ask as well.
struct PlaceLine {
  std::string workspace;
  std::string profile;
  std::int64_t limit = 0;
  std::vector<api::RunReference> holders;
  std::map<Uid, std::string> delays;  // of holders, see what_delays()
  std::int64_t ahead = 0;
};
std::string to_text(const PlaceLine& line);

}  // namespace atelier::reconcile
