#include "support/mirror.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "atelier/base/digest.h"

namespace atelier::engine {
namespace {

std::string text_of(const Action& action) {
  if (const auto* create = std::get_if<CreatePod>(&action)) return "create " + create->pod_name;
  if (const auto* gone = std::get_if<DeletePod>(&action)) return "delete " + gone->name + " " + gone->why;
  if (const auto* released = std::get_if<ReleasePod>(&action)) return "release " + released->name;
  if (const auto* asked = std::get_if<ConfirmGone>(&action)) return "look for " + asked->name;
  if (const auto* results = std::get_if<FetchResults>(&action)) {
    return "fetch results of " + results->pod + " " + results->sha256 + (results->store ? " stored" : "");
  }
  if (const auto* results = std::get_if<StoreResults>(&action)) return "store results " + results->sha256;
  return "commit";
}

std::string text_of(const std::vector<Action>& actions) {
  std::vector<std::string> texts;
  for (const Action& action : actions) texts.push_back(text_of(action));
  std::sort(texts.begin(), texts.end());
  std::string out;
  for (const std::string& text : texts) out += text + "; ";
  return out;
}

void without_times(Entry& entry) {
  entry.started.reset();
  entry.finished.reset();
  if (entry.attempt == 0) entry.since.reset();  // of people, who are waited for from when it was looked at first
}

// What does not depend on when it was looked at.
Ledger plain(Ledger ledger) {
  ledger.completed.reset();
  ledger.finally_since.reset();
  for (auto& [name, entry] : ledger.tasks) {
    without_times(entry);
    for (Entry& item : entry.items) without_times(item);
  }
  std::erase_if(ledger.tasks, [](const auto& task) { return task.second == TaskEntry{}; });
  return ledger;
}

std::string text_of(const Entry& entry) {
  return std::string(to_string(entry.state)) + "#" + std::to_string(entry.attempt) + " " + entry.reason + " " +
         entry.message + (entry.next_attempt_at ? " next " + format_time(*entry.next_attempt_at) : "") +
         (entry.since ? " since " + format_time(*entry.since) : "") + "; ";
}

std::string text_of(const Ledger& ledger) {
  std::string out = std::string(to_string(ledger.phase)) + " " + ledger.reason + " " + ledger.refused + ": ";
  for (const auto& [name, entry] : ledger.tasks) {
    out += name + "=" + text_of(static_cast<const Entry&>(entry));
    for (const Entry& item : entry.items) out += "  item " + text_of(item);
  }
  return out;
}

std::string text_of(const std::map<std::string, std::string>& why) {
  std::string out;
  for (const auto& [task, words] : why) out += task + ": " + words + "; ";
  return out;
}

}  // namespace

Mirror::Mirror(ObjectKey run, Uid uid, const api::RunPlan& plan)
    : run_(std::move(run)), uid_(std::move(uid)), plan_(plan) {}

void Mirror::compare(const Observed& observed, const Decision& decision) {
  if (!execution_) {
    const std::shared_ptr<const api::RunPlan> plan{std::shared_ptr<void>{}, &plan_};
    execution_.emplace(Execution::Identity{run_, uid_, observed.created, observed.started}, plan, observed.params);
    seen_.clear();
    texts_.clear();
    stored_.clear();
    unstored_.reset();
    made_.clear();
    gone_.clear();
    rejected_.clear();
    unread_.clear();
    committed_ = {};
  }
  tell(observed);
  constexpr std::size_t kAll = std::numeric_limits<std::size_t>::max() / 4;
  Execution::Step step = execution_->step(observed.now, kAll);
  if (tell_answers(observed)) step = execution_->step(observed.now, kAll);  // of items that are there only now
  if (tell_again(observed, step)) step = execution_->step(observed.now, kAll);
  if (!otherwise_.empty()) return;
  if (text_of(step.actions) != text_of(decision.actions)) {
    otherwise_ = "it wants " + text_of(step.actions) + "and not " + text_of(decision.actions);
  } else if (plain(execution_->ledger()) != plain(decision.ledger)) {
    otherwise_ =
        "its ledger is another: " + text_of(plain(execution_->ledger())) + "and not " + text_of(plain(decision.ledger));
  } else if (execution_->why() != decision.why) {
    otherwise_ = "it says why " + text_of(execution_->why()) + "and not " + text_of(decision.why);
  }
}

// What is new of what the API answered.
bool Mirror::tell_answers(const Observed& observed) {
  bool any = false;
  const auto is_new = [&any](auto& known, const Attempt& attempt, const auto& value) {
    const auto [at, added] = known.try_emplace(attempt, value);
    if (!added && at->second == value) return false;
    at->second = value;
    return any = true;
  };
  for (const auto& [attempt, at] : observed.made) {
    if (is_new(made_, attempt, at)) execution_->see_made(attempt, at);
  }
  for (const RejectedCreate& one : observed.rejections) {
    if (is_new(rejected_, {one.task, one.item, one.attempt}, one)) execution_->see(one);
  }
  for (const Attempt& attempt : observed.gone) {
    if (gone_.insert(attempt).second) {
      execution_->see_gone(attempt);
      any = true;
    }
  }
  for (const UnreadResults& one : observed.unread) {
    if (is_new(unread_, one.attempt, one)) execution_->see(one);
  }
  return any;
}

// What it asks for once more, as it forgets texts of pods that it does not see.
bool Mirror::tell_again(const Observed& observed, const Execution::Step& step) {
  bool any = false;
  for (const Action& action : step.actions) {
    const auto* asked = std::get_if<FetchResults>(&action);
    if (asked == nullptr) continue;
    for (const std::string& text : observed.texts) {
      if (sha256_hex(text) != asked->sha256) continue;
      execution_->see_text(text);
      any = true;
    }
  }
  return any;
}

void Mirror::tell(const Observed& observed) {
  execution_->see(observed.spec);
  execution_->see_withheld(observed.withheld);
  for (const std::string& text : observed.texts) {
    if (texts_.insert(text).second) execution_->see_text(text);  // what is committed it knows by itself
  }
  if (observed.committed != committed_) execution_->see(committed_ = observed.committed);
  for (const std::string& text : observed.stored) {
    if (stored_.insert(text).second) execution_->see_stored(text);
  }
  if (observed.unstored && observed.unstored != unstored_) execution_->see(*(unstored_ = observed.unstored));
  if (observed.last_commit) execution_->see_commit(*observed.last_commit);
  execution_->see(observed.approvals, observed.guard);
  std::map<Attempt, PodObservation> pods;
  for (const PodObservation& pod : observed.pods) pods.emplace(Attempt{pod.task, pod.item, pod.attempt}, pod);
  for (const auto& [attempt, pod] : seen_) {
    if (!pods.contains(attempt)) execution_->see_no_pod(pod.name, attempt);
  }
  for (const auto& [attempt, pod] : pods) {
    const auto before = seen_.find(attempt);
    if (before == seen_.end() || before->second != pod) execution_->see(pod);
  }
  seen_ = std::move(pods);
}

}  // namespace atelier::engine
