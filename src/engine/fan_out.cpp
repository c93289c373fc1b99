// A task that runs once for each item of a list: when its turn comes the list is made, and each item is executed as a
// task of its own. The list is not kept: it follows from parameters and results, which are.
#include <algorithm>

#include "engine/results.h"
#include "engine/state.h"

namespace atelier::engine {
namespace {

constexpr cel::Limits kOfLists{.steps = 1'000'000, .size = 1U << 20U};

}  // namespace

void State::evaluate_fan_out(Part& part) {
  clear(part, part.own);
  const Hold gate = gate_of(part);
  const char* const never = never_of(part);
  const bool gate_changed = gate != part.gate || never != part.never;
  part.gate = gate;
  part.never = never;
  Entry next = *part.own.committed;
  const std::size_t known = part.committed == nullptr ? 0 : part.committed->items.size();
  bool opens = known > 0;
  if (!over() && !ended(next.state) && !opens) {
    if (has_begun(part) && !needs(part).never()) {
      opens = is_its_turn(part, part.own);  // what its pods follow from may not be seen yet
    } else {
      stop(part, part.own, next);
      skip(part, part.own, next);
      opens = may_start(part, part.own, next);
    }
  }
  if (opens) opens = open(part, known, next);
  if (opens) {
    for (const Unit& unit : part.items) {  // what it depends on may have ended, or not be seen to have any more
      if (gate_changed && !ended(unit.committed->state)) dirty(part, unit.item);
    }
    return dirty(part, kSum);
  }
  close(part);
  for (const auto& [attempt, pod] : part.early) {
    if (over() || ended(part.own.committed->state)) clean_up(pod, part.own.cleaning);
  }
  keep(part, part.own, std::move(next));
}

// Whether a pod of it was made already.
bool State::has_begun(const Part& part) const {
  if (!part.early.empty()) return true;
  return std::any_of(part.items.begin(), part.items.end(), [](const Unit& unit) {
    return !unit.pods.empty() || (unit.rare != nullptr && !(unit.rare->made.empty() && unit.rare->gone.empty()));
  });
}

// `known`: how many items there are by the committed ledger; 0 where it does not say. False where there is nothing to
// run, which `next` tells.
bool State::open(Part& part, std::size_t known, Entry& next) {
  const bool is_spread = part.open && (known == 0 || part.items.size() == known);
  if (is_spread && (!part.values.empty() || over() || ended(next.state))) return true;
  const auto refuse = [&](const char* reason, const std::string& message) {
    next.state = TaskState::failed;
    next.reason = reason;
    next.message = bounded(message);
    next.finished = now_;
    return false;
  };
  std::size_t size = known;
  if (!ended(next.state) && !over() && needs(part).runs()) {
    auto values = values_of(part);
    if (!values && known == 0) return refuse("ForEachFailed", values.error().message);
    part.no_list = values ? "" : values.error().message;
    if (values) part.values = std::move(values).value();
    if (known == 0) size = part.values.size();
    if (known == 0 && items_ + size > api::kMostItems) {
      return refuse("TooManyItems", "the list has " + std::to_string(size) + " items, and other tasks of the run " +
                                        std::to_string(items_) + "; a run has at most " +
                                        std::to_string(api::kMostItems));
    }
  }
  if (size == 0) {
    next.state = TaskState::succeeded;
    next.finished = now_;
    return false;
  }
  if (!is_spread) spread(part, size);
  return true;
}

Result<std::vector<cel::Value>> State::values_of(const Part& part) const {
  const api::ForEach& for_each = *part.task().for_each;
  std::vector<cel::Value> values;
  if (!part.node->in) {
    for (const std::string& item : for_each.items) values.emplace_back(item);
    return values;
  }
  ATELIER_TRY(auto value, part.node->in->evaluate(bindings_of(part), kOfLists));
  const auto* list = value.as<cel::Value::List>();
  if (list == nullptr) return invalid(std::string("forEach.in gives a ") + value.type_name() + ", should give a list");
  return *list;
}

void State::spread(Part& part, std::size_t size) {
  std::map<Attempt, PodObservation> early = std::exchange(part.early, {});
  if (part.open) {
    std::vector<cel::Value> values = std::move(part.values);
    close(part);
    early.merge(std::exchange(part.early, {}));
    part.values = std::move(values);
  }
  for (const Entry& entry : part.entry->items) kept_ -= bytes_of(entry.results);
  part.entry->items.assign(size, Entry{});
  part.items.clear();
  part.items.resize(size);
  part.counts = {};
  part.counts[static_cast<std::size_t>(TaskState::waiting)] = size;
  part.open = true;
  items_ += size;
  const auto after = dirty_.lower_bound({part.node->index, kSum});
  for (std::size_t i = 0; i < size; ++i) {
    Unit& unit = part.items[i];
    unit.item = static_cast<std::int64_t>(i);
    unit.entry = &part.entry->items[i];
    if (part.committed != nullptr && i < part.committed->items.size()) unit.committed = &part.committed->items[i];
    dirty_.insert(after, Place{part.node->index, unit.item});
  }
  for (auto& [attempt, pod] : early) {
    if (attempt.item >= 0 && static_cast<std::size_t>(attempt.item) < size) {
      part.items[static_cast<std::size_t>(attempt.item)].see(std::move(pod));
    } else {
      std::string name = pod.name;
      strangers_.insert_or_assign(std::move(name), std::move(pod));
    }
  }
}

void State::close(Part& part) {
  if (!part.open) return;
  for (Unit& unit : part.items) {
    clear(part, unit);
    differing_ -= unit.differs ? 1U : 0U;
    kept_ -= bytes_of(unit.entry->results);
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
