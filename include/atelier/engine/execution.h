// One run in execution, kept current: takes in what changed, and decides about what that touches. What it decides
// follows from what it was told, not from when: decide() is an Execution that is told everything and asked once.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "atelier/engine/decide.h"

namespace atelier::engine {

class State;

// Belongs to one thread. Telling it something costs little; step() costs what the changes are worth, and a little more.
class Execution {
 public:
  struct Identity {
    ObjectKey run;
    Uid uid;
    WallTime created{};
    std::optional<WallTime> started;
  };

  Execution(Identity run, std::shared_ptr<const api::RunPlan> plan, std::map<std::string, std::string> params);
  ~Execution();
  Execution(Execution&&) noexcept;
  Execution& operator=(Execution&&) noexcept;

  void see(const api::PipelineRunSpec& spec);
  // Why no pod may be made any more, not even for `finally` of a run that was stopped; empty: they may.
  void see_withheld(const std::string& why);
  // What is missing of `committed` before it can be told: SHA-256 of results that see_text() must tell first.
  std::vector<std::string> lacks(const Ledger& committed) const;
  void see(Ledger committed);
  void see(PodObservation pod);  // new or changed
  // It is not in the cache any more, or says that it is another attempt's.
  void see_no_pod(const std::string& name, const Attempt& attempt);
  void see(RejectedCreate rejected);  // until another answer, or until its pod is seen
  void see_made(const Attempt& attempt, WallTime at);
  void see_gone(const Attempt& attempt);
  void see(std::vector<GivenApproval> approvals, ApprovalGuard guard);
  void see_text(std::string text);           // large results of any task: read and stored, or as stored
  void see(UnreadResults unread);            // until their text is told
  void see_stored(const std::string& text);  // of StoreResults
  void see(UnstoredResults unstored);        // until something is stored
  void see_commit(WallTime at);              // of this process

  struct Step {
    std::vector<Action> actions;
    std::optional<WallTime> wake_at;  // decide again then, if nothing happens before
    bool has_more = false;            // than `most` at a time, so that the next step has others
  };
  // At most `most` pods are made, and as many are looked for, ended and let go; the rest follows in the next step.
  Step step(WallTime now, std::size_t most = 100);

  // Of the last step: the ledger that a commit writes, what follows from it, and why tasks that could run do not.
  const Ledger& ledger() const;
  RunStatus status() const;
  // One row of it, "load" or "load[3]", also where status has too many to tell that one; empty where there is no such.
  std::optional<api::TaskStatus> row(const std::string& name) const;
  std::map<std::string, std::string> why() const;

 private:
  std::unique_ptr<State> state_;
};

}  // namespace atelier::engine
