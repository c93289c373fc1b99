#include "engine/state.h"

#include <algorithm>

#include "engine/approve.h"
#include "engine/results.h"
#include "engine/run_status.h"

namespace atelier::engine {
namespace {

// What a commit would change. Words that did not fit are not written again and again.
bool differ(const Entry& one, const Entry& other, bool trimmed) {
  if (!trimmed) return one != other;
  Entry bare = one;
  bare.message = other.message;
  bare.started = other.started;
  bare.finished = other.finished;
  return bare != other;
}

// What people said, and can take back until it is committed.
bool is_word(const Entry& entry) {
  return entry.reason == kSkippedOnRequest || entry.reason == kApproved || entry.reason == kRejected ||
         entry.reason == kApprovalRefused || entry.reason == kApprovalTimedOut;
}

}  // namespace

State::State(Execution::Identity run, std::shared_ptr<const api::RunPlan> plan,
             std::map<std::string, std::string> params)
    : run_(std::move(run)), plan_(std::move(plan)), params_(std::move(params)), graph_(plan_->pipeline) {
  if (!graph_.problem().empty()) return;
  parts_.resize(graph_.order().size());
  for (const Node& node : graph_.order()) {
    Part& part = parts_[node.index];
    part.node = &node;
    part.entry = &ledger_.tasks[node.task->name];
    part.own.entry = part.entry;
    if (!node.last) ++tasks_;
    dirty(part, kNoItem);
  }
}

void State::all_dirty() {
  for (const Part& part : parts_) {
    dirty(part, kNoItem);
    for (const Unit& unit : part.items) dirty(part, unit.item);
  }
}

void State::dirty_followers(const Part& part) {
  for (const std::size_t follower : part.node->followers) dirty_.insert({follower, kNoItem});
}

void State::see(const api::PipelineRunSpec& spec) {
  if (spec.cancel != spec_.cancel) spec_.cancel = spec.cancel;  // whether it goes on at all is looked at in every step
  if (spec.author == spec_.author && spec.suspend == spec_.suspend && spec.skip == spec_.skip) return;
  spec_.author = spec.author;
  spec_.suspend = spec.suspend;
  spec_.skip = spec.skip;
  all_dirty();
}

void State::see_withheld(const std::string& why) {
  if (why == withheld_) return;
  withheld_ = why;
  all_dirty();
}

void State::see(Ledger committed) {
  restore_results(committed);
  const Ledger before = std::exchange(committed_, std::move(committed));
  for (const auto& [name, entry] : committed_.tasks) {
    if (part_of(name) == nullptr) ledger_.tasks[name] = entry;
  }
  static const TaskEntry kNone;
  for (Part& part : parts_) {
    const auto at = committed_.tasks.find(part.task().name);
    const TaskEntry& was = part.committed == nullptr ? kNone : *part.committed;
    part.committed = at == committed_.tasks.end() ? nullptr : &at->second;
    const TaskEntry& is = part.committed == nullptr ? kNone : *part.committed;
    part.own.committed = part.committed == nullptr ? &kNoEntry : part.committed;
    if (static_cast<const Entry&>(was) != is || was.items.size() != is.items.size()) dirty(part, kNoItem);
    if (part.word) dirty_followers(part);
    for (Unit& unit : part.items) {
      const auto index = static_cast<std::size_t>(unit.item);
      const Entry& old = index < was.items.size() ? was.items[index] : kNoEntry;
      unit.committed = index < is.items.size() ? &is.items[index] : &kNoEntry;
      if (old != *unit.committed) dirty(part, unit.item);
    }
  }
  if (over() || before.trimmed != committed_.trimmed) all_dirty();
  has_new_ledger_ = true;
}

// Null where the plan is no graph, or has no such task.
Part* State::part_of(const std::string& task) {
  const Node* node = parts_.empty() ? nullptr : graph_.find(task);
  return node == nullptr ? nullptr : &parts_[node->index];
}

// Null where the part is, or has no such item.
Unit* State::unit_of(Part* part, const Attempt& attempt) {
  if (part == nullptr) return nullptr;
  if (!part->is_fan_out()) return attempt.item == kNoItem ? &part->own : nullptr;
  const bool one_of = attempt.item >= 0 && static_cast<std::size_t>(attempt.item) < part->items.size();
  return one_of ? &part->items[static_cast<std::size_t>(attempt.item)] : nullptr;
}

void State::see(PodObservation pod) {
  const Attempt attempt{pod.task, pod.item, pod.attempt};
  // A pod of another name carries our labels without being ours: anyone in the namespace can write labels.
  if (pod.name != pod_name(run_.run, run_.uid, attempt)) return;
  Part* const part = part_of(attempt.task);
  if (Unit* const unit = unit_of(part, attempt)) {
    dirty(*part, unit->item);
    if (unit->rare != nullptr) {
      unit->rare->made.erase(pod.attempt);
      if (unit->rare->rejected && unit->rare->rejected->attempt == pod.attempt) unit->rare->rejected.reset();
    }
    return unit->see(std::move(pod));
  }
  if (part != nullptr && part->is_fan_out() && !part->open && pod.item >= 0) {
    dirty(*part, kNoItem);
    part->early.insert_or_assign(attempt, std::move(pod));
  } else {
    std::string name = pod.name;
    strangers_.insert_or_assign(std::move(name), std::move(pod));
  }
}

void State::see_no_pod(const std::string& name, const Attempt& attempt) {
  if (name != pod_name(run_.run, run_.uid, attempt)) return;  // it was not seen either
  Part* const part = part_of(attempt.task);
  if (Unit* const unit = unit_of(part, attempt)) {
    dirty(*part, unit->item);
    std::erase_if(unit->pods, [&](const PodObservation& one) { return one.attempt == attempt.number; });
    const bool known = part->committed != nullptr && !part->committed->items.empty();
    if (unit->item != kNoItem && !known) dirty(*part, kNoItem);  // it may not have begun
    return;
  }
  if (part != nullptr && part->early.erase(attempt) > 0) dirty(*part, kNoItem);
  strangers_.erase(name);
}

void State::see(RejectedCreate rejected) {
  Part* const part = part_of(rejected.task);
  Unit* const unit = unit_of(part, {rejected.task, rejected.item, rejected.attempt});
  if (unit == nullptr) return;
  dirty(*part, unit->item);
  unit->have_rare().rejected = std::move(rejected);
}

void State::see_made(const Attempt& attempt, WallTime at) {
  Part* const part = part_of(attempt.task);
  Unit* const unit = unit_of(part, attempt);
  if (unit == nullptr || unit->pod(attempt.number) != nullptr) return;
  dirty(*part, unit->item);
  unit->have_rare().made[attempt.number] = at;
  unit->rare->rejected.reset();
}

void State::see_gone(const Attempt& attempt) {
  Part* const part = part_of(attempt.task);
  Unit* const unit = unit_of(part, attempt);
  if (unit == nullptr) return;
  dirty(*part, unit->item);
  unit->have_rare().gone.insert(attempt.number);
  unit->rare->made.erase(attempt.number);
}

void State::see(std::vector<GivenApproval> approvals, ApprovalGuard guard) {
  if (approvals == approvals_ && guard == guard_) return;
  approvals_ = std::move(approvals);
  guard_ = std::move(guard);
  for (const Part& part : parts_) {
    if (part.task().approval) dirty(part, kNoItem);
  }
}

Execution::Step State::step(WallTime now, std::size_t most) {
  now_ = now;
  wake_at_.reset();
  for (const auto& [at, place] : wakes_) {
    if (at > now) break;
    dirty_.insert(place);
  }
  const Stops stops = stops_of(plan_->pipeline, spec_.cancel, run_.started, committed_.finally_since, now);
  if (stops.tasks != stops_.tasks || stops.finally != stops_.finally) all_dirty();
  stops_ = stops;
  if (stops_.next && !over()) wake(*stops_.next);

  std::vector<Action> creates;
  do {
    do evaluate_dirty();
    while (admit_to_room());
    creates.clear();
    create_pods(creates, most);
  } while (!dirty_.empty());
  conclude();

  Execution::Step step;
  // Round and round, so that what fails again and again does not keep others back.
  const auto take = [&](const std::set<Place>& places, Place& from, std::vector<Action> Unit::* actions) {
    std::size_t taken = 0;
    auto at = places.lower_bound(from);
    for (std::size_t i = 0; i < places.size() && taken < most; ++i, ++at) {
      if (at == places.end()) at = places.begin();
      Part& part = parts_[at->first];
      const Unit& unit = at->second == kNoItem ? part.own : part.items[static_cast<std::size_t>(at->second)];
      step.actions.insert(step.actions.end(), (unit.*actions).begin(), (unit.*actions).end());
      taken += (unit.*actions).size();
    }
    from = at == places.end() ? kFirst : *at;
  };
  if (wanting_.size() <= most) wanting_from_ = kFirst;
  if (cleaning_.size() <= most) cleaning_from_ = kFirst;
  step.has_more = wanting_.size() > most || cleaning_.size() > most;
  take(wanting_, wanting_from_, &Unit::wanted);
  std::move(creates.begin(), creates.end(), std::back_inserter(step.actions));
  if (auto page = page_to_store()) step.actions.emplace_back(*std::move(page));
  if (is_to_be_committed()) step.actions.push_back(CommitStatus{});
  take(cleaning_, cleaning_from_, &Unit::cleaning);
  for (const auto& [name, pod] : strangers_) {
    const bool planned = parts_.empty() && graph_.find(pod.task) != nullptr;  // of a plan that is no graph
    if ((!planned || over()) && step.actions.size() < 3 * most) clean_up(pod, step.actions);
  }
  if (!wakes_.empty()) wake(wakes_.begin()->first);
  step.wake_at = wake_at_;
  if (std::exchange(has_new_ledger_, false)) {
    forget_texts();
    forget_pages();
  }
  return step;
}

void State::evaluate_dirty() {
  const auto evaluate_before = [this](std::size_t end) {
    while (!dirty_.empty() && dirty_.begin()->first < end) evaluate(dirty_.extract(dirty_.begin()).value());
  };
  evaluate_before(tasks_);
  const std::tuple view{have_ended(false), phase_of_tasks(), words_of_tasks_ > 0};
  if (view != seen_by_finally_) {
    seen_by_finally_ = view;
    for (std::size_t i = tasks_; i < parts_.size(); ++i) {
      dirty(parts_[i], kNoItem);
      for (const Unit& unit : parts_[i].items) dirty(parts_[i], unit.item);
    }
  }
  evaluate_before(parts_.size());
}

void State::evaluate(const Place& place) {
  Part& part = parts_[place.first];
  if (place.second == kSum) {
    sum_up(part);
  } else if (place.second != kNoItem) {
    if (static_cast<std::size_t>(place.second) < part.items.size()) {
      evaluate(part, part.items[static_cast<std::size_t>(place.second)]);
    }
  } else if (part.is_fan_out()) {
    evaluate_fan_out(part);
  } else {
    evaluate(part, part.own);
  }
}

void State::evaluate(Part& part, Unit& unit) {
  clear(part, unit);
  Entry next = *unit.committed;
  const bool of_ended = unit.item != kNoItem && ended(part.own.committed->state);
  if (!over() && !of_ended) {
    settle(part, unit, next);
    watch_clocks(part, unit, next);
    stop(part, unit, next);
    skip(part, unit, next);
    claim(part, unit, next);
  }
  if (!over()) refer_to_page(part, unit, next);
  clean_up(part, unit);
  keep(part, unit, std::move(next));
}

// What the evaluation before left.
void State::clear(Part& part, Unit& unit) {
  const Place place = place_of(part, unit);
  if (unit.wake) wakes_.erase({*unit.wake, place});
  unit.wake.reset();
  if (!unit.wanted.empty()) wanting_.erase(place);
  if (!unit.cleaning.empty()) cleaning_.erase(place);
  unit.wanted.clear();
  unit.cleaning.clear();
  room_.awaiting.erase(place);
  if (unit.hold == Hold::made) --part.unseen;
  unit.hold = Hold::none;
  if (!std::exchange(unit.ready, false)) return;
  part.ready.erase(unit.item);
  if (part.ready.empty()) ready_.erase(part.node->index);
}

void State::wake(Unit& unit, WallTime at) {
  if (!unit.wake || at < *unit.wake) unit.wake = at;
}

void State::keep(Part& part, Unit& unit, Entry next) {
  const Place place = place_of(part, unit);
  if (unit.wake) wakes_.insert({*unit.wake, place});
  if (!unit.wanted.empty()) wanting_.insert(place);
  if (!unit.cleaning.empty()) cleaning_.insert(place);
  if (unit.hold == Hold::made) ++part.unseen;
  if (unit.item != kNoItem) {
    next.started.reset();
    next.finished.reset();
  } else if (ended(next.state) && next.state == unit.entry->state && next.finished == now_ && next != *unit.committed) {
    next.finished = unit.entry->finished;
  }
  if (next == *unit.entry) return note_difference(part, unit);
  const Entry before = std::exchange(*unit.entry, std::move(next));
  kept_with(unit, before) -= bytes_of(before.results, unit.item != kNoItem);
  kept_with(unit, *unit.entry) += bytes_of(unit.entry->results, unit.item != kNoItem);
  note_difference(part, unit);
  if (unit.item == kNoItem) return part_changed(part, before);
  --part.counts[static_cast<std::size_t>(before.state)];
  ++part.counts[static_cast<std::size_t>(unit.entry->state)];
  dirty(part, kSum);
}

// The sum that counts its results.
std::size_t& State::kept_with(const Unit& unit, const Entry& entry) {
  if (unit.item != kNoItem) return entry.stored.empty() ? room_.in_ledger : room_.stored;
  return entry.stored.empty() ? kept_ : kept_large_;
}

void State::part_changed(Part& part, const Entry& before) {
  Tally& tally = part.node->last ? ended_finally_ : ended_tasks_;
  tally.add(part, before, -1);
  tally.add(part, *part.entry, 1);
  if (before == kNoEntry) ++begun_;
  if (*part.own.entry == kNoEntry) --begun_;
  part.lists.clear();
  dirty_followers(part);
}

void State::note_difference(Part& part, Unit& unit) {
  bool differs = differ(*unit.entry, *unit.committed, committed_.trimmed);
  if (unit.item == kNoItem) {
    const std::size_t committed = part.committed == nullptr ? 0 : part.committed->items.size();
    differs = differs || part.entry->items.size() != committed;
  }
  if (differs && !unit.differs) ++differing_;
  if (!differs && unit.differs) --differing_;
  unit.differs = differs;
  if (unit.item != kNoItem) return;
  const bool by_request = is_by_request(part);
  if (std::exchange(part.by_request, by_request) != by_request) dirty_followers(part);
  const bool word = differs && ended(unit.entry->state) && is_word(*unit.entry);
  if (word == part.word) return;
  part.word = word;
  words_ = word ? words_ + 1 : words_ - 1;
  if (!part.node->last) words_of_tasks_ = word ? words_of_tasks_ + 1 : words_of_tasks_ - 1;
  dirty_followers(part);
}

std::string State::name_of(const Part& part, const Unit& unit, std::int64_t attempt) const {
  return pod_name(run_.run, run_.uid, {part.task().name, unit.item, attempt});
}

RunStatus State::status() const { return status_of(run_.run, run_.uid, graph_, ledger_, why_waiting()); }

std::optional<api::TaskStatus> State::row(const std::string& name) const {
  return row_of(run_.run, run_.uid, graph_, ledger_, why_waiting(), name);
}

WhyWaiting State::why_waiting() const {
  return [this](const Node& node, std::int64_t item) {
    if (parts_.empty()) return Waits{};
    const Part& part = parts_[node.index];
    const bool of_item = item != kNoItem && static_cast<std::size_t>(item) < part.items.size();
    return waits(part, of_item ? part.items[static_cast<std::size_t>(item)] : part.own);
  };
}

}  // namespace atelier::engine
