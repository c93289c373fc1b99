// When the ledger is written: at once when the run ends or begins with finally, and when what people said took effect;
// otherwise at most once a second.
#include "engine/state.h"

namespace atelier::engine {

namespace {

constexpr Millis kBetweenCommits{1'000};

bool same_head(const Ledger& one, const Ledger& other) {
  return one.phase == other.phase && one.reason == other.reason && one.message == other.message &&
         one.refused == other.refused && one.completed == other.completed && one.finally_since == other.finally_since;
}

}  // namespace

bool State::is_to_be_committed() {
  if (over() || (differing_ == 0 && same_head(ledger_, committed_))) return false;
  const WallTime due = last_commit_ ? *last_commit_ + kBetweenCommits : now_;
  // A clock that was set back must not put a commit off for long.
  const bool wait = due > now_ && due <= now_ + kBetweenCommits;
  const bool urgent = words_ > 0 || ended(ledger_.phase) || ledger_.finally_since != committed_.finally_since;
  if (wait && !urgent) wake(due);
  return !wait || urgent;
}

}  // namespace atelier::engine
