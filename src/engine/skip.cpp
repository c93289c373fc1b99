// What was asked not to run does not, and what can never run is skipped.
#include <algorithm>

#include "engine/state.h"

namespace atelier::engine {

// What is named is skipped when its turn comes (claim.cpp), also that of another attempt, so that what follows it does
// not start before what it waits for. Items are not skipped by name.
void State::skip(Part& part, const Unit& unit, Entry& next) {
  if (next.state != TaskState::waiting) return;
  const char* const never = unit.item == kNoItem ? never_of(part) : part.never;
  if (never == nullptr) return;
  next.state = TaskState::skipped;
  next.reason = never;
  next.finished = now_;
}

// `why`: whose results an expression of it cannot do without.
void State::skip_without_input(Entry& next, const std::string& why) const {
  next.state = TaskState::skipped;
  next.reason = kNoInput;
  next.message = bounded(why);
  next.finished = now_;
}

// Why it can never run; null if it can.
const char* State::never_of(const Part& part) const {
  const Needs needs = this->needs(part);
  return needs.never() ? needs.reason() : nullptr;
}

// What cannot be skipped, as long as it is asked for.
std::string State::refusals() const {
  std::string refused;
  for (const std::string& name : spec_.skip) {
    const auto refuse = [&](const std::string& why) {
      refused += (refused.empty() ? "" : "; ") + std::string("\"") + name + "\" cannot be skipped: " + why;
    };
    const Node* node = graph_.find(name);
    const Entry& own = entry_of(ledger_, name);
    if (node == nullptr) {
      refuse("there is no such task");
    } else if (own.state == TaskState::running) {
      refuse("it is running; cancel the run instead");
    } else if (ended(own.state) && own.state != TaskState::skipped) {
      refuse("it has ended");
    } else if (!ended(own.state) && node->task->approval) {
      refuse("people have to approve it");  // whoever may write the run must not stand in for them
    }
  }
  return bounded(refused);
}

bool State::is_to_be_skipped(const std::string& task) const {
  return std::find(spec_.skip.begin(), spec_.skip.end(), task) != spec_.skip.end();
}

void State::end_as_asked(Entry& next) const {
  next.state = TaskState::skipped;
  next.reason = kSkippedOnRequest;
  next.message.clear();
  next.finished = now_;
  next.next_attempt_at.reset();
}

}  // namespace atelier::engine
