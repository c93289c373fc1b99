// A finalizer leaves its pod when the committed ledger, not the one in the making, holds the attempt's outcome.
#include "engine/turn.h"

namespace atelier::engine {

void Turn::clean_up() {
  for (const auto& [key, pod] : pods_) {
    const auto& [task, attempt] = key;
    if (graph_.find(task) != nullptr && !is_recorded(task, attempt)) continue;
    if (!has_ended(*pod) && !pod->deleting) {
      act(DeletePod{pod->name, pod->uid, "its attempt has ended already"});
    }
    if (pod->holds_result) act(ReleasePod{pod->name, pod->uid});
  }
}

}  // namespace atelier::engine
