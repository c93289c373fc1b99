// A finalizer leaves its pod when the committed ledger, not the one in the making, holds the attempt's outcome.
#include "atelier/engine/recorded.h"
#include "engine/state.h"

namespace atelier::engine {

bool holds_end(const Entry& entry, std::int64_t attempt) {
  if (ended(entry.state)) return true;
  if (attempt < 1) return false;  // nobody's
  return entry.state == TaskState::running ? attempt < entry.attempt : attempt <= entry.attempt;
}

bool holds_end(const Ledger& ledger, const Attempt& attempt) {
  if (ended(ledger.phase)) return true;
  const auto task = ledger.tasks.find(attempt.task);
  if (task == ledger.tasks.end()) return false;
  if (attempt.item == kNoItem || ended(task->second.state)) return holds_end(task->second, attempt.number);
  const auto& items = task->second.items;
  const auto item = static_cast<std::size_t>(attempt.item);
  return item < items.size() && holds_end(items[item], attempt.number);
}

void State::clean_up(Part& part, Unit& unit) {
  for (const PodObservation& pod : unit.pods) {
    if (is_recorded(part, unit, pod.attempt)) clean_up(pod, unit.cleaning);
  }
}

void State::clean_up(const PodObservation& pod, std::vector<Action>& actions) const {
  if (!has_ended(pod) && !pod.deleting) {
    actions.push_back(DeletePod{pod.name, pod.uid, "its attempt has ended already"});
  }
  if (pod.holds_result) actions.push_back(ReleasePod{pod.name, pod.uid});
}

// Of the committed ledger, not of the one in the making.
bool State::is_recorded(const Part& part, const Unit& unit, std::int64_t attempt) const {
  if (over()) return true;
  // A fan-out that ended without its items has none.
  if (unit.item != kNoItem && ended(part.own.committed->state)) return true;
  const Entry& entry = *unit.committed;
  return holds_end(entry, attempt);
}

}  // namespace atelier::engine
