#include "atelier/engine/decide.h"

#include "atelier/base/digest.h"
#include "engine/turn.h"

namespace atelier::engine {

Decision decide(const Observed& observed) {
  Turn turn{observed};
  if (!ended(observed.committed.phase)) {
    if (!turn.graph().problem().empty()) {
      turn.end_as_invalid();
    } else {
      turn.settle();
      turn.watch_clocks();
      turn.stop();
      turn.skip();
      turn.claim();
      turn.begin_finally();
      turn.conclude();
    }
    turn.commit();
  }
  turn.clean_up();
  return turn.finish();
}

std::string pod_name(const ObjectKey& run, const Uid& run_uid, const std::string& task, std::int64_t attempt) {
  return hashed_name(run.name + "-" + task, run_uid.value + "/" + task + "/" + std::to_string(attempt));
}

}  // namespace atelier::engine
