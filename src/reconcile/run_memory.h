// What the operator knows of a run that its status does not tell: its execution, and what the API answered. Lost with
// the process, and then learned again.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "atelier/engine/execution.h"
#include "atelier/kube/plan.h"
#include "atelier/kube/store.h"
#include "reconcile/large_results.h"
#include "reconcile/live_reads.h"
#include "reconcile/pod_record.h"
#include "reconcile/start_events.h"

namespace atelier::reconcile {

// Write ids by which answers are told apart.
inline constexpr const char* kWriteStatus = "write status";
std::string create_id(const std::string& pod);
std::string look_id(const std::string& pod);  // a live GET of a pod

class RunMemory {
 public:
  explicit RunMemory(Uid run) : run_(std::move(run)) {}

  const Uid& run() const { return run_; }

  // What the answers to the writes of the plan before say about attempts.
  struct News {
    // The API server made the pod, or showed it at that time; see engine::Observed::made.
    std::vector<std::pair<engine::Attempt, WallTime>> made;
    std::vector<engine::Attempt> gone;  // there is no pod, or it is not this run's
    std::vector<engine::RejectedCreate> rejected;
    LargeResults::News large;
  };
  News learn(const kube::Feedback& feedback, WallTime now);

  void creating(const engine::CreatePod& pod) { asked_[pod.pod_name] = {pod.task, pod.item, pod.attempt}; }
  void looking(const std::string& pod, const engine::Attempt& attempt) { looked_at_[pod] = attempt; }

  // Whether a cache at this version is behind the ledger that this process committed last. A decision from it could
  // start again what has ended.
  bool is_behind(const std::string& resource_version) const;
  // Whether this process has written the run's status. If not, another may have, and the cache may not show it yet.
  bool has_committed() const { return !committed_version_.empty(); }
  LiveReads& reads() { return reads_; }
  LargeResults& large() { return large_; }
  StartEvents& starts() { return starts_; }
  // Pods whose creation met a pod of their name: whose it is must be looked up.
  const std::set<std::string>& taken() const { return taken_; }

  // Null until the run is pinned and looked at. It has been told what `state` held, and all pods but `changes`.
  std::unique_ptr<engine::Execution> execution;
  std::string state;
  std::vector<kube::Change<PodRecord>> changes;
  bool may_have_strays = true;  // pods of its name that are another run's

 private:
  void created(const std::string& pod, const Result<nlohmann::json>& answer, WallTime now, News& news);
  void looked(const std::string& pod, const engine::Attempt& attempt, const Result<nlohmann::json>& answer,
              WallTime now, News& news);
  const engine::RejectedCreate& reject(const engine::Attempt& attempt, const std::string& reason,
                                       const std::string& message, bool permanent, WallTime now);

  Uid run_;
  std::map<std::string, engine::Attempt> asked_;  // pods by name, until they are made
  std::map<std::string, engine::Attempt> looked_at_;
  std::set<std::string> taken_;
  LiveReads reads_;
  LargeResults large_;
  StartEvents starts_;
  std::map<engine::Attempt, int> failures_;  // creates in a row that failed for no reason of their own
  std::map<engine::Attempt, engine::RejectedCreate> rejected_;
  std::string committed_version_;
};

}  // namespace atelier::reconcile
