// A task that runs once for each item of a list: when its turn comes the list is made, and each item is executed as a
// task of its own. The list is not kept: it follows from parameters and results, which are.
#include <algorithm>

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
  const bool was_open = part.open;
  if (opens) opens = open(part, known, next);
  if (opens) {
    // What it depends on may have ended, or not be seen to have any more.
    const auto last = was_open && gate_changed ? part.items.end() : part.items.begin();
    for (auto unit = part.items.begin(); unit != last; ++unit) {
      if (!ended(unit->committed->state)) dirty(part, unit->item);
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
    std::string lacks;
    auto values = values_of(part, lacks);
    if (!lacks.empty() && known == 0 && !part.node->last) {
      skip_without_input(next, lacks);
      return false;
    }
    if (!lacks.empty() && known == 0) values = std::vector<cel::Value>{};  // `finally` does with what there is
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

// `lacks`: as lacks_results() says it.
Result<std::vector<cel::Value>> State::values_of(const Part& part, std::string& lacks) const {
  const api::ForEach& for_each = *part.task().for_each;
  std::vector<cel::Value> values;
  if (!part.node->in) {
    for (const std::string& item : for_each.items) values.emplace_back(item);
    return values;
  }
  cel::Expression::Paths absent;
  const auto value = part.node->in->evaluate(bindings_of(part), kOfLists, &absent);
  if (!value) {
    lacks = lacks_results(part, value.error(), absent);
    return value.error();
  }
  const auto* list = value.value().as<cel::Value::List>();
  if (list == nullptr) {
    return invalid(std::string("forEach.in gives a ") + value.value().type_name() + ", should give a list");
  }
  return *list;
}

}  // namespace atelier::engine
