// An execution that is told what changed from one observation to the next, compared with decide(), which is told
// everything.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "atelier/engine/execution.h"

namespace atelier::engine {

class Mirror {
 public:
  Mirror(ObjectKey run, Uid uid, const api::RunPlan& plan);

  void restart() { execution_.reset(); }
  // REQUIRES observations of one run, with what decide() said of the last of them.
  void compare(const Observed& observed, const Decision& decision);
  // The first difference; empty if there was none.
  const std::string& otherwise() const { return otherwise_; }

 private:
  void tell(const Observed& observed);
  bool tell_answers(const Observed& observed);
  bool tell_again(const Observed& observed, const Execution::Step& step);

  ObjectKey run_;
  Uid uid_;
  const api::RunPlan& plan_;
  std::optional<Execution> execution_;
  std::map<Attempt, PodObservation> seen_;
  std::set<std::string> texts_, stored_;
  std::optional<UnstoredResults> unstored_;
  std::map<Attempt, WallTime> made_;
  std::set<Attempt> gone_;
  std::map<Attempt, RejectedCreate> rejected_;
  std::map<Attempt, UnreadResults> unread_;
  Ledger committed_;
  std::string otherwise_;
};

}  // namespace atelier::engine
