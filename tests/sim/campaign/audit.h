// What happened in a world, by the changes that its API server made: and what of that may never happen.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "sim/campaign/pipelines.h"
#include "sim/campaign/storage.h"
#include "sim/world_driver.h"

namespace atelier::sim {

class Audit {
 public:
  // `world`, `storage` are borrowed, and outlive it. At most `places` runs are to be at work at a time.
  Audit(SimWorld& world, Storage& storage, std::size_t places);

  // Of a task or an item: how many of its attempts failed by themselves.
  int failures(const std::string& work) const;
  // What may not have happened and did, each in a sentence.
  const std::vector<std::string>& findings() const { return findings_; }
  // REQUIRES a run that is over. Its status is complete, and says what its pods did. Who is cancelled may have ended
  // either way.
  void check_status(const nlohmann::json& run, bool cancelled);
  // What remains of pods when all runs are over.
  void check_pods();
  std::size_t runs_at_work() const { return at_work_.size(); }
  std::size_t attempts() const { return attempts_; }

 private:
  // A task without a fan-out, or one item.
  struct Work {
    std::map<int, int> starts;                // by attempt
    std::map<std::string, std::string> pods;  // phase, by uid; of those that are gone the last
    std::set<int> made;                       // attempts
    int failures = 0;
    int successes = 0;
  };
  struct Run {
    std::string name;
    std::map<std::string, DeclaredTask> tasks;
    std::map<std::string, std::map<std::string, Work>> works;  // by task and item
    std::map<std::string, std::string> ends;                   // of tasks, as status has them
    std::map<std::string, std::string> words;                  // Approve or Reject, by task
    std::string phase;
    bool gone = false;
    Millis over{-1};               // since when it is over or gone
    std::set<std::string> active;  // uids of pods that have not ended
  };

  void run_changed(const Change& change);
  void pod_changed(const Change& change);
  void created(Run& run, const nlohmann::json& pod, Work& work);
  void check_order(const Run& run, const std::string& task);
  void workspace_changed(const Change& change);
  void find(const std::string& what);

  SimWorld& world_;
  Storage& storage_;
  std::size_t places_;
  std::map<std::string, std::map<std::string, DeclaredTask>> declared_;  // by Pipeline
  std::map<std::string, Run> runs_;                                      // by uid
  std::set<std::string> at_work_;                                        // uids
  std::map<std::string, int> failures_;
  std::size_t attempts_ = 0;
  std::vector<std::string> findings_;
};

}  // namespace atelier::sim
