// A finalizer leaves its pod when the committed ledger, not the one in the making, holds the attempt's outcome.
#include "engine/turn.h"

namespace atelier::engine {
namespace {

bool is_recorded(const Ledger& committed, const std::string& task, std::int64_t attempt) {
  if (ended(committed.phase)) return true;
  const auto at = committed.tasks.find(task);
  if (at == committed.tasks.end()) return false;
  if (ended(at->second.state)) return true;
  return at->second.state == TaskState::running ? attempt < at->second.attempt : attempt <= at->second.attempt;
}

}  // namespace

void Turn::clean_up() {
  for (const auto& [key, pod] : pods_) {
    const auto& [task, attempt] = key;
    if (graph_.find(task) != nullptr && !is_recorded(in_.committed, task, attempt)) continue;
    if (!has_ended(*pod) && !pod->deleting) {
      act(DeletePod{pod->name, pod->uid, "its attempt has ended already"});
    }
    if (pod->holds_result) act(ReleasePod{pod->name, pod->uid});
  }
}

}  // namespace atelier::engine
