// The items of a fan-out that has begun: their units, and what they come to together.
#include <algorithm>

#include "engine/results.h"
#include "engine/state.h"

namespace atelier::engine {

void State::spread(Part& part, std::size_t size) {
  std::map<Attempt, PodObservation> early = std::exchange(part.early, {});
  if (part.open) {
    std::vector<cel::Value> values = std::move(part.values);
    close(part);
    early.merge(std::exchange(part.early, {}));
    part.values = std::move(values);
  }
  part.entry->items.assign(size, Entry{});
  part.items.clear();
  part.items.resize(size);
  part.counts = {};
  part.counts[static_cast<std::size_t>(TaskState::waiting)] = size;
  part.open = true;
  items_ += size;
  for (std::size_t i = 0; i < size; ++i) {
    Unit& unit = part.items[i];
    unit.item = static_cast<std::int64_t>(i);
    unit.entry = &part.entry->items[i];
    if (part.committed != nullptr && i < part.committed->items.size()) unit.committed = &part.committed->items[i];
  }
  for (auto& [attempt, pod] : early) {
    if (attempt.item >= 0 && static_cast<std::size_t>(attempt.item) < size) {
      part.items[static_cast<std::size_t>(attempt.item)].see(std::move(pod));
    } else {
      std::string name = pod.name;
      strangers_.insert_or_assign(std::move(name), std::move(pod));
    }
  }
  begin_items(part);
}

// Items of which nothing is known are all alike: what the first of them comes to, the others do.
void State::begin_items(Part& part) {
  const Unit* first = nullptr;
  bool all_ready = false;
  const auto after = dirty_.lower_bound({part.node->index, kSum});
  for (Unit& unit : part.items) {
    const bool alike = unit.committed == &kNoEntry && unit.pods.empty();
    if (alike && first == nullptr) {
      first = &unit;
      evaluate(part, unit);
      all_ready = unit.ready && *unit.entry == kNoEntry && !unit.wake && unit.wanted.empty();
    } else if (alike && all_ready) {
      unit.ready = true;
      part.ready.insert(part.ready.end(), unit.item);
    } else {
      dirty_.insert(after, Place{part.node->index, unit.item});
    }
  }
}

void State::close(Part& part) {
  if (!part.open) return;
  for (Unit& unit : part.items) {
    clear(part, unit);
    differing_ -= unit.differs ? 1U : 0U;
    kept_with(unit, *unit.entry) -= bytes_of(unit.entry->results, true);
    for (PodObservation& pod : unit.pods) {
      const Attempt attempt{pod.task, pod.item, pod.attempt};
      part.early.insert_or_assign(attempt, std::move(pod));
    }
  }
  items_ -= part.items.size();
  part.items.clear();
  part.values.clear();
  part.entry->items.clear();
  part.open = false;
}

// What the items come to.
void State::sum_up(Part& part) {
  if (!part.open) return;
  Entry next = *part.own.committed;
  if (over() || ended(next.state)) return keep(part, part.own, std::move(next));
  if (!next.started) next.started = part.own.entry->started.value_or(now_);
  const std::size_t failed = part.count(TaskState::failed);
  if (part.count(TaskState::waiting) + part.count(TaskState::running) > 0) {
    next.state = TaskState::running;
  } else if (part.count(TaskState::succeeded) == part.items.size()) {
    next.state = TaskState::succeeded;
    next.finished = now_;
  } else {
    const bool cancelled = part.count(TaskState::cancelled) > 0;
    next.state = cancelled ? TaskState::cancelled : failed > 0 ? TaskState::failed : TaskState::skipped;
    next.finished = now_;
    const auto first = [&part](TaskState state) {
      const auto is = [state](const Entry& item) { return item.state == state; };
      return std::find_if(part.entry->items.begin(), part.entry->items.end(), is);
    };
    next.reason = next.state == TaskState::failed ? "ItemsFailed" : first(next.state)->reason;
    if (next.state == TaskState::skipped) next.message = first(next.state)->message;
    if (failed > 0) {
      const auto at = first(TaskState::failed);
      next.message =
          bounded(std::to_string(failed) + " of " + std::to_string(part.items.size()) + " items failed; the first, " +
                  name_of_item(part.task().name, at - part.entry->items.begin()) + ": " + at->reason +
                  (at->message.empty() ? "" : ": " + at->message));
    }
  }
  keep(part, part.own, std::move(next));
}

}  // namespace atelier::engine
