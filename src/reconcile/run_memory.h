// What the operator learned about a run from the API's answers. Lost with the process, and then learned again.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "atelier/engine/decide.h"
#include "atelier/kube/plan.h"
#include "reconcile/live_reads.h"

namespace atelier::reconcile {

// Write ids by which answers are told apart.
inline constexpr const char* kWriteStatus = "write status";
std::string create_id(const std::string& pod);
std::string look_id(const std::string& pod);  // a live GET of a pod

class RunMemory {
 public:
  explicit RunMemory(Uid run) : run_(std::move(run)) {}

  const Uid& run() const { return run_; }

  // Takes in the answers to the writes of the plan before.
  void learn(const kube::Feedback& feedback, WallTime now);

  void creating(const engine::CreatePod& pod) { asked_[pod.pod_name] = {pod.task, pod.attempt}; }
  void looking(const std::string& pod) { looked_at_.insert(pod); }
  void committing(WallTime now) { last_commit_ = now; }

  // Whether a cache at this version is behind the ledger that this process committed last. A decision from it could
  // start again what has ended.
  bool is_behind(const std::string& resource_version) const;
  // Whether this process has written the run's status. If not, another may have, and the cache may not show it yet.
  bool has_committed() const { return !committed_version_.empty(); }
  LiveReads& reads() { return reads_; }
  // Pods whose creation met a pod of their name: whose it is must be looked up.
  const std::set<std::string>& taken() const { return taken_; }
  // Pods that the API server made: one that no cache shows may have run already, and is not made again.
  const std::set<std::string>& made() const { return made_; }
  std::vector<engine::RejectedCreate> rejections() const;
  const std::set<std::string>& gone() const { return gone_; }
  const std::optional<WallTime>& last_commit() const { return last_commit_; }

 private:
  using Attempt = std::pair<std::string, std::int64_t>;

  void created(const std::string& pod, const Result<nlohmann::json>& answer, WallTime now);
  void looked(const std::string& pod, const Result<nlohmann::json>& answer, WallTime now);
  void reject(const Attempt& attempt, const std::string& reason, const std::string& message, bool permanent,
              WallTime now);

  Uid run_;
  std::map<std::string, Attempt> asked_;  // pods by name
  std::set<std::string> looked_at_;
  std::set<std::string> taken_;
  std::set<std::string> made_;
  std::set<std::string> gone_;
  LiveReads reads_;
  std::map<Attempt, int> failures_;  // creates in a row that failed for no reason of their own
  std::map<Attempt, engine::RejectedCreate> rejected_;
  std::optional<WallTime> last_commit_;
  std::string committed_version_;
};

}  // namespace atelier::reconcile
