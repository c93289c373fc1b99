// The world of one scenario: a run, its pods and the API's answers, changed by the lines of a text file. After each
// line the engine decides, and what it wants is done, until it wants nothing more; the trace of that is returned.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "atelier/engine/decide.h"
#include "support/mirror.h"

namespace atelier::engine::scenarios {

class World {
 public:
  // Throws std::invalid_argument for a line that is none.
  void declare(const std::string& line);                      // a task or parameter, before the first command
  std::vector<std::string> perform(const std::string& line);  // a command; its trace

  // Names of pods that were made twice: never, whatever happens.
  const std::set<std::string>& made_twice() const { return made_twice_; }

 private:
  struct Pod {
    PodObservation seen;
    bool hidden = false;   // there, and not yet in the cache
    std::string log = {};  // of the sidecar that hands on large results
  };

  void take_over(const std::vector<std::string>& words);
  api::Task task(const std::vector<std::string>& words);
  void change(const std::vector<std::string>& words);
  void pod(const std::vector<std::string>& words);
  bool say(const std::vector<std::string>& words);
  void show(std::vector<std::string>& trace) const;
  Pod& find(const std::string& task, const std::string& attempt);
  std::string label(const std::string& pod) const;  // "extract#1"

  std::vector<std::string> settle();
  Observed observe() const;
  void apply(const Decision& decision, std::vector<std::string>& trace);
  void create(const CreatePod& action, std::vector<std::string>& trace);
  void fetch(const FetchResults& action, std::vector<std::string>& trace);
  void store(const StoreResults& action, std::vector<std::string>& trace);
  void remove_if_free(const std::string& pod);
  std::string time_text(WallTime at) const;

  api::RunPlan plan_;
  std::map<std::string, std::string> params_;
  api::PipelineRunSpec spec_;
  std::string withheld_;
  std::vector<GivenApproval> approvals_;
  ApprovalGuard guard_{ApprovalGuard::State::in_force, "", WallTime{}};
  Ledger committed_;
  std::map<std::string, Pod> pods_;
  std::set<std::string> made_, made_twice_;
  std::map<std::string, std::pair<std::string, std::string>> refusals_;  // by task: reason and message
  std::map<Attempt, RejectedCreate> rejected_;
  std::set<Attempt> gone_;
  std::map<Attempt, WallTime> seen_made_;
  std::set<std::string> stored_, read_;  // large results, in the cluster and in this process
  std::map<Attempt, UnreadResults> unread_;
  std::string no_logs_;          // why logs cannot be read; empty: they can
  std::set<std::string> pages_;  // of items' results, that this process stored
  std::optional<UnstoredResults> unstored_;
  std::string no_store_;  // why they cannot be stored; empty: they can
  std::optional<WallTime> last_commit_;
  WallTime now_{};
  bool mirrored_ = true;
  std::optional<Mirror> mirror_;  // an execution that is told of changes decides the same
};

}  // namespace atelier::engine::scenarios
