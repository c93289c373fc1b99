// Results that no termination message holds: the pod's sidecar hands them on in its log, and they are stored beside the
// ledger, which has only their SHA-256.
#include "atelier/base/digest.h"
#include "engine/results.h"
#include "engine/retry.h"
#include "engine/state.h"

namespace atelier::engine {
namespace {

constexpr Millis kGivenUp{600'000};      // after the pod's end
constexpr std::int64_t kLeastTries = 5;  // the operator may have been away as long

WallTime given_up_at(const PodObservation& pod, WallTime now) {
  return std::min(pod.finished.value_or(pod.created), now) + kGivenUp;
}

}  // namespace

bool State::awaits_results(const Part& part, Unit& unit, Entry& next, const PodObservation& pod) {
  if (!has_large_results(part.task()) || pod.phase != PodPhase::succeeded) return false;
  const HandedOn handed = read_handed_on(pod.handed_on);
  if (!handed.problem.empty() || texts_.contains(handed.sha256)) return false;
  const UnreadResults* const unread =
      unit.rare != nullptr && unit.rare->unread && unit.rare->unread->attempt.number == pod.attempt
          ? &*unit.rare->unread
          : nullptr;
  const bool enough_tries = unread != nullptr && unread->times >= kLeastTries;
  if (enough_tries && given_up_at(pod, now_) <= now_) return false;
  see_alive(next, pod, pod.attempt);
  next.finished = pod.finished;
  if (unread != nullptr) {
    next.reason = kResultsUnread;
    next.message = bounded(unread->message);
    // This clock may have been set back since.
    const WallTime again = std::min(unread->at, now_) + delay_after_refusal(unread->times);
    if (again > now_) {
      wake(unit, enough_tries ? std::min(again, given_up_at(pod, now_)) : again);
      return true;
    }
  }
  unit.wanted.push_back(
      FetchResults{pod.name, {part.task().name, unit.item, pod.attempt}, handed.sha256, !part.node->consumed.empty()});
  return true;
}

// REQUIRES that it does not await them any more.
Outcome State::outcome_of_large(const Part& part, const Unit& unit, Entry& entry, const PodObservation& pod,
                                bool accepted) {
  const HandedOn handed = read_handed_on(pod.handed_on);
  if (!handed.problem.empty()) return {.reason = handed.problem, .message = handed.message};
  const auto text = texts_.find(handed.sha256);
  if (text == texts_.end()) {
    return {.reason = "ResultsUnreadable",
            .message = "the results could not be read in ten minutes: " + unit.rare->unread->message};
  }
  auto results = read_results(part.task(), text->second, part.node->consumed, accepted ? 0 : kept_large_);
  if (!results.problem.empty()) return {.reason = results.problem, .message = results.message};
  entry.results = std::move(results.kept);
  if (!entry.results.empty()) entry.stored = handed.sha256;
  return {.succeeded = true};
}

std::vector<std::string> State::lacks(const Ledger& committed) const {
  std::set<std::string> out;
  for (const Part& part : parts_) {
    const auto at = committed.tasks.find(part.task().name);
    if (at == committed.tasks.end()) continue;
    if (part.is_fan_out()) note_lacking(part, at->second, out);
    if (!has_large_results(part.task())) continue;
    const std::string& stored = at->second.stored;
    if (!stored.empty() && part.entry->stored != stored && !texts_.contains(stored)) out.insert(stored);
  }
  return {out.begin(), out.end()};
}

// What a ledger that was decoded does not have.
void State::restore_results(Ledger& committed) {
  for (const Part& part : parts_) {
    const auto at = committed.tasks.find(part.task().name);
    if (at == committed.tasks.end()) continue;
    if (part.is_fan_out()) restore_items(part, at->second);
    if (at->second.stored.empty() || !at->second.results.empty()) continue;
    if (!has_large_results(part.task())) continue;
    const std::string& stored = at->second.stored;
    if (part.entry->stored == stored) {
      at->second.results = part.entry->results;
    } else if (const auto text = texts_.find(stored); text != texts_.end()) {
      at->second.results = read_results(part.task(), text->second, part.node->consumed, 0).kept;
    }
  }
}

// All but those of attempts that are not committed: what is, is in the ledger.
void State::forget_texts() {
  std::map<std::string, std::string> needed;
  for (const Part& part : parts_) {
    if (texts_.empty()) break;
    if (!has_large_results(part.task())) continue;
    for (const PodObservation& pod : part.own.pods) {
      if (is_recorded(part, part.own, pod.attempt)) continue;
      if (auto text = texts_.extract(read_handed_on(pod.handed_on).sha256)) needed.insert(std::move(text));
    }
  }
  texts_ = std::move(needed);
}

void State::see_text(std::string text) {
  std::string sha256 = sha256_hex(text);
  texts_.insert_or_assign(std::move(sha256), std::move(text));
  for (const Part& part : parts_) {
    if (has_large_results(part.task())) dirty(part, kNoItem);
  }
}

void State::see(UnreadResults unread) {
  Part* const part = part_of(unread.attempt.task);
  Unit* const unit = unit_of(part, unread.attempt);
  if (unit == nullptr) return;
  dirty(*part, unit->item);
  unit->have_rare().unread = std::move(unread);
}

}  // namespace atelier::engine
