// Why something does not run: the cause that matters, and how it reaches back to it. Status and the CLI say the same.
#include <algorithm>

#include "engine/state.h"

namespace atelier::engine {
namespace {

constexpr std::size_t kMostLinks = 3;  // that are told between a task and the cause

std::string joined(const std::string& reason, const std::string& message) {
  return reason + (reason.empty() || message.empty() ? "" : ": ") + message;
}

std::string attempt_of(const Entry& entry) { return "attempt " + std::to_string(entry.attempt); }

std::string failure_of(const Entry& entry) {
  return attempt_of(entry) + " failed (" + joined(entry.reason, entry.message) + ")";
}

// What was in the way before `why` was.
std::string and_before(const std::string& why, const Entry& entry) {
  if (entry.attempt == 0 && entry.reason.empty()) return why;
  return why + "; before that, " + (entry.attempt > 0 ? failure_of(entry) : joined(entry.reason, entry.message));
}

// A kubelet that makes the pod's containers says so; one that cannot says something else.
bool goes_well(const Entry& entry) {
  return entry.state == TaskState::running &&
         (entry.reason.empty() || entry.reason == "ContainerCreating" || entry.reason == "PodInitializing");
}

}  // namespace

// Of one that waits, without what is behind its predecessors.
std::string State::own_why(const Part& part, const Unit& unit) const {
  const Entry& entry = *unit.entry;
  switch (unit.hold) {
    case Hold::needs:
      return "waits for " + listed(graph_, open_before(part));
    case Hold::all_tasks:
      return "waits for all tasks to end: " + listed(graph_, open_before(part));
    case Hold::word:
      return "follows the commit of what people said";
    case Hold::approval:
      return entry.message;
    case Hold::suspended:
      return and_before("the run is suspended", entry);
    case Hold::withheld:
      return and_before(withheld_, entry);
    case Hold::delay:
      return failure_of(entry) + "; the next starts at " + format_time(*entry.next_attempt_at);
    case Hold::lost:
      return attempt_of(entry) + " is lost; the next follows its commit";
    case Hold::refused:
      return joined(entry.reason, entry.message);
    case Hold::made:
      return "its pod was made and is not seen yet";
    case Hold::none:
      break;
  }
  if (unit.item == kNoItem || entry.state != TaskState::waiting || !unit.ready) return "";
  const auto& limit = part.task().for_each->max_parallel;
  const std::size_t running = part.count(TaskState::running) + part.unseen;
  if (!limit || running < static_cast<std::size_t>(std::max<std::int64_t>(*limit, 1))) return "";
  return and_before("waits for a place: forEach.maxParallel is " + std::to_string(*limit), entry);
}

// What it waits for and that has not ended: of `finally` every task.
std::vector<std::size_t> State::open_before(const Part& part) const {
  if (!part.node->last) return needs(part).open;
  std::vector<std::size_t> open;
  for (std::size_t i = 0; i < tasks_; ++i) {
    if (!ended(parts_[i].entry->state)) open.push_back(i);
  }
  return open;
}

// A predecessor that does not get on, rather than one that simply runs.
const Part* State::cause_before(const Part& part) const {
  const std::vector<std::size_t> open = open_before(part);
  const auto stuck = [this](std::size_t node) { return !is_running_well(parts_[node]); };
  const auto at = std::find_if(open.begin(), open.end(), stuck);
  if (at != open.end()) return &parts_[*at];
  return open.empty() ? nullptr : &parts_[open.front()];
}

bool State::is_running_well(const Part& part) const {
  const auto well = [](const Unit& unit) { return goes_well(*unit.entry); };
  return part.open ? std::any_of(part.items.begin(), part.items.end(), well) : well(part.own);
}

// What a task that has not ended does, as the end of "which ...".
std::string State::predicate_of(const Part& part) const {
  const Entry& entry = *part.entry;
  if (part.open) {
    const auto stuck = [](const Unit& unit) {
      if (unit.hold != Hold::none) return unit.hold != Hold::made;
      return unit.entry->state == TaskState::running && !goes_well(*unit.entry);
    };
    const auto at = std::find_if(part.items.begin(), part.items.end(), stuck);
    if (at != part.items.end() && !is_running_well(part)) {
      const std::string own = own_why(part, *at);
      return "does not get on with " + name_of_item(part.task().name, at->item) + ": " +
             (own.empty() ? joined(at->entry->reason, at->entry->message) : own);
    }
    return "runs: " + std::to_string(part.count(TaskState::succeeded)) + " of " + std::to_string(part.items.size()) +
           " items succeeded";
  }
  if (entry.state == TaskState::running) {
    if (entry.reason == kResultsUnread) return "has ended, with results that are not read yet: " + entry.message;
    if (entry.reason == kResultsUnstored) return "has ended, with results that are not stored yet: " + entry.message;
    if (!entry.reason.empty()) {
      return (entry.started ? "is being ended: " : "is not started: ") + joined(entry.reason, entry.message);
    }
    return entry.started ? "runs since " + format_time(*entry.started) : "is being started";
  }
  const std::string own = own_why(part, part.own);
  switch (part.own.hold) {
    case Hold::approval:
      return "waits for people: " + own;
    case Hold::refused:
      return "gets no pod: " + own;
    case Hold::suspended:
    case Hold::withheld:
      return "does not start: " + own;
    case Hold::delay:
      return "failed in attempt " + std::to_string(entry.attempt) + " (" + entry.reason + ") and starts again at " +
             format_time(*entry.next_attempt_at);
    case Hold::lost:
      return "lost the pod of attempt " + std::to_string(entry.attempt) + "; the next follows its commit";
    case Hold::made:
      return "has a pod that is not seen yet";
    case Hold::needs:
    case Hold::all_tasks:
    case Hold::word:
    case Hold::none:
      break;
  }
  return own.empty() ? "is being started" : own;
}

std::string State::why(const Part& part, const Unit& unit) const {
  std::string text = own_why(part, unit);
  if (unit.hold != Hold::needs && unit.hold != Hold::all_tasks) return text;
  std::vector<const Part*> links;
  for (const Part* cause = cause_before(part); cause != nullptr; cause = cause_before(*cause)) {
    links.push_back(cause);
    if (cause->own.hold != Hold::needs) break;
  }
  if (links.empty()) return text;
  const std::size_t between = links.size() - 1;
  const bool told = open_before(part).size() == 1;  // the first link is in `text` already
  if (!told) text += "; " + links.front()->task().name;
  for (std::size_t i = 1; i <= between && between <= kMostLinks; ++i) {
    text += (i == 1 && !told ? " waits for " : ", which waits for ") + links[i]->task().name;
  }
  if (between > kMostLinks) {
    text += (told ? ", which waits, through " : " waits, through ") + std::to_string(between - 1) + " others, for " +
            links.back()->task().name;
  }
  return text + (between == 0 && !told ? " " : ", which ") + predicate_of(*links.back());
}

// As a row of the status, which has the reason in a field of its own.
Waits State::waits(const Part& part, const Unit& unit) const {
  switch (unit.hold) {
    case Hold::refused:
    case Hold::approval:
      return {unit.entry->message, true};
    case Hold::delay:
    case Hold::lost:
      return {why(part, unit), true};
    default:
      return {why(part, unit), false};
  }
}

std::map<std::string, std::string> State::why() const {
  std::map<std::string, std::string> out;
  const auto add = [&](const Part& part, const Unit& unit) {
    std::string words = why(part, unit);
    if (!words.empty()) out[name_of_item(part.task().name, unit.item)] = std::move(words);
  };
  for (const Part& part : parts_) {
    if (over()) break;
    add(part, part.own);
    for (const Unit& unit : part.items) add(part, unit);
  }
  return out;
}

}  // namespace atelier::engine
