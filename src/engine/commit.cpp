// When the ledger is written: at once when the run ends or begins with finally, and when what people said took effect;
// otherwise at most once a second.
#include "engine/fit.h"
#include "engine/turn.h"

namespace atelier::engine {

namespace {

constexpr Millis kBetweenCommits{1'000};

}  // namespace

void Turn::commit() {
  fit(ledger());
  if (ledger() == in_.committed) return;
  const WallTime due = in_.last_commit ? *in_.last_commit + kBetweenCommits : in_.now;
  // A clock that was set back must not put a commit off for long.
  const bool wait = due > in_.now && due <= in_.now + kBetweenCommits;
  const bool urgent = unrecorded_ || ended(ledger().phase) || ledger().finally_since != in_.committed.finally_since;
  if (wait && !urgent) return wake(due);
  act(CommitStatus{});
}

}  // namespace atelier::engine
