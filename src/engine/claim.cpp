// Pods for the tasks that may run now: creating the pod is the claim on the attempt.
#include <algorithm>
#include <limits>

#include "engine/retry.h"
#include "engine/state.h"

namespace atelier::engine {

Needs State::needs(const Part& part) const {
  return needs_of(*part.node, [this](std::size_t node) -> const Entry& { return *parts_[node].own.entry; });
}

bool State::follows_a_word(const Part& part) const {
  if (part.node->last) return words_of_tasks_ > 0;
  const auto has_word = [this](std::size_t node) { return parts_[node].word; };
  const Node& node = *part.node;
  return std::any_of(node.reads.begin(), node.reads.end(), has_word) ||
         std::any_of(node.needs.begin(), node.needs.end(), [&](const Node::Need& need) { return has_word(need.node); });
}

// Why its turn has not come: what it waits for has not ended, or what people said of that is not committed.
Hold State::gate_of(const Part& part) const {
  if (part.node->last ? !have_ended(false) : !needs(part).runs()) {
    return part.node->last ? Hold::all_tasks : Hold::needs;
  }
  return follows_a_word(part) ? Hold::word : Hold::none;
}

bool State::is_its_turn(const Part& part, Unit& unit) const {
  unit.hold = unit.item == kNoItem ? gate_of(part) : part.gate;
  return unit.hold == Hold::none;
}

bool State::is_suspended(const Part& part, Unit& unit) const {
  if (!withheld_.empty()) {
    unit.hold = Hold::withheld;
    return true;
  }
  if (!spec_.suspend || (part.node->last && was_stopped())) return false;
  unit.hold = Hold::suspended;
  return true;
}

// Whether a task that waits may start; what it says instead is in the unit or in the entry.
bool State::may_start(Part& part, Unit& unit, Entry& next) {
  const api::Task& task = part.task();
  if (next.state != TaskState::waiting) return false;
  const bool is_next = is_its_turn(part, unit);
  // A skip starts nothing, so that it need not wait for the commit of another: a chain of them is one commit.
  if (!task.approval && is_to_be_skipped(task.name) && (is_next || unit.hold == Hold::word)) {
    unit.hold = Hold::none;
    end_as_asked(next);
    return false;
  }
  if (!is_next) return false;
  if (task.approval) {  // no pod: a suspended run waits for people all the same
    if (!part.node->when || reads_what_was_skipped(part) || holds(part, next)) approve(part, unit, next);
    return false;
  }
  if (is_suspended(part, unit)) return false;
  return !part.node->when || next.attempt > 0 || holds(part, next);
}

// Of an item of a fan-out that has begun, in a run that took over other items before the turn of the task.
bool State::item_may_start(Part& part, Unit& unit, const Entry& next) const {
  return next.state == TaskState::waiting && is_its_turn(part, unit) && !is_suspended(part, unit);
}

void State::claim(Part& part, Unit& unit, Entry& next) {
  if (unit.item == kNoItem ? !may_start(part, unit, next) : !item_may_start(part, unit, next)) return;
  if (next.next_attempt_at && *next.next_attempt_at > now_) {
    wake(unit, *next.next_attempt_at);
    unit.hold = Hold::delay;
    return;
  }
  // A pod shows that it ended. That one is lost follows from a ledger that may be old: the commit's precondition
  // tells, and another attempt before it could be a second run of what has succeeded.
  if (next.attempt > 0 && unit.pod(next.attempt) == nullptr && !is_recorded(part, unit, next.attempt)) {
    unit.hold = Hold::lost;
    return;
  }
  if (held_back(part, unit, next)) return;
  unit.ready = true;
  part.ready.insert(part.ready.end(), unit.item);
  ready_.insert(part.node->index);
}

// Whether the API refused this attempt's pod, for good or for now, or made it and no cache shows it.
bool State::held_back(const Part& part, Unit& unit, Entry& next) {
  if (unit.rare == nullptr) return false;
  const std::int64_t attempt = next.attempt + 1;
  if (unit.rare->made.contains(attempt)) {
    unit.hold = Hold::made;
    look_for(part, unit, attempt);
    return true;
  }
  const auto& refused = unit.rare->rejected;
  if (!refused || refused->attempt != attempt) return false;
  if (refused->permanent) {
    next.state = TaskState::failed;
    next.reason = "PodRejected";
    next.message = bounded(refused->reason + ": " + refused->message);
    next.finished = now_;
    next.next_attempt_at.reset();
    return true;
  }
  next.reason = bounded(refused->reason);
  next.message = bounded(refused->message);
  if (part.task().total_timeout && !next.since) next.since = std::min(refused->at, now_);
  // This clock may have been set back since.
  const WallTime again = std::min(refused->at, now_) + delay_after_refusal(refused->times);
  if (again <= now_) return false;
  wake(unit, again);
  unit.hold = Hold::refused;
  return true;
}

// In the order of the graph and of the items: the same ones until their pods are seen.
void State::create_pods(std::vector<Action>& actions, std::size_t most) {
  for (const std::size_t index : std::set<std::size_t>(ready_)) {
    Part& part = parts_[index];
    std::size_t places = std::numeric_limits<std::size_t>::max();
    if (part.is_fan_out() && part.task().for_each->max_parallel) {
      const auto limit = static_cast<std::size_t>(std::max<std::int64_t>(*part.task().for_each->max_parallel, 1));
      const std::size_t taken = part.count(TaskState::running) + part.unseen;
      places = limit - std::min(limit, taken);
    }
    for (auto at = part.ready.begin(); at != part.ready.end() && places > 0 && actions.size() < most; --places) {
      Unit& unit = *at == kNoItem ? part.own : part.items[static_cast<std::size_t>(*at)];
      ++at;
      Problem problem;
      auto pod = pod_for(part, unit, problem);
      if (pod) problem.words = too_long(*pod);
      if (problem.words.empty()) {
        actions.push_back(std::move(*pod));
        continue;
      }
      clear(part, unit);
      Entry next = *unit.entry;
      if (problem.no_input) {
        skip_without_input(next, problem.words);
      } else {
        next.state = TaskState::failed;
        next.reason = pod ? "TextTooLong" : "ExpressionFailed";
        next.message = bounded(part.no_list.empty() ? problem.words : problem.words + ": " + part.no_list);
        next.finished = now_;
      }
      next.next_attempt_at.reset();
      clean_up(part, unit);
      keep(part, unit, std::move(next));
    }
    if (actions.size() >= most) return;
  }
}

}  // namespace atelier::engine
