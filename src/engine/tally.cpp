#include "engine/tally.h"

#include <string_view>

namespace atelier::engine {

void Tally::add(const Part& part, const Entry& entry, int times) {
  const auto count = [times](std::size_t& of, bool is) {
    if (is) of += static_cast<std::size_t>(times);  // wraps to a subtraction where it is -1
  };
  const bool out_of_time = entry.reason == kTimedOut;
  count(ended, engine::ended(entry.state));
  count(failed, entry.state == TaskState::failed && part.task().on_failure != api::Task::kContinue);
  count(cancelled, entry.state == TaskState::cancelled && (part.node->last || entry.reason == kCancelled));
  count(timed_out, out_of_time && entry.state == TaskState::cancelled);
}

}  // namespace atelier::engine
