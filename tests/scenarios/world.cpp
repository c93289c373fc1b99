#include "scenarios/world.h"

#include <algorithm>
#include <functional>
#include <sstream>
#include <stdexcept>

#include "atelier/base/digest.h"
#include "engine/item_results.h"
#include "engine/needs.h"
#include "scenarios/words.h"
#include "support/made_pod.h"

namespace atelier::engine::scenarios {
namespace {

const ObjectKey kRun{"team-a", "run"};
const Uid kUid{"run-uid"};

// "process[3]" is item 3 of the fan-out process.
Attempt attempt_of(const std::string& task, const std::string& number) {
  const std::size_t open = task.find('[');
  if (open == std::string::npos) return {task, kNoItem, std::stoll(number)};
  return {task.substr(0, open), std::stoll(task.substr(open + 1)), std::stoll(number)};
}

// "x*4000" is so many of them.
std::string repeated(std::string text) {
  const std::size_t at = text.find("x*");
  if (at == std::string::npos) return text;
  const std::size_t end = std::min(text.find_first_not_of("0123456789", at + 2), text.size());
  return text.replace(at, end - at, std::string(std::stoul(text.substr(at + 2)), 'x'));
}

}  // namespace

// A command, or `unseen COMMAND` while no operator is there.
std::vector<std::string> World::perform(const std::string& line) {
  const auto words = split(line, ' ');
  if (words.at(0) == "unseen") {
    change({words.begin() + 1, words.end()});
    return {};
  }
  change(words);
  std::vector<std::string> trace = settle();
  if (words[0] == "show") show(trace);
  return trace;
}

void World::change(const std::vector<std::string>& words) {
  const std::string& verb = words.at(0);
  if (verb == "pod") {
    pod(words);
  } else if (verb == "wait") {
    now_ += duration(words.at(1));
  } else if (verb == "back") {  // the clock is set back
    now_ -= duration(words.at(1));
  } else if (verb == "cancel" || verb == "cancel-without-finally" || verb == "cancel-after-running") {
    spec_.cancel = api::RunCancel{rest(words, 1), verb == "cancel-after-running", verb != "cancel-without-finally"};
  } else if (verb == "suspend" || verb == "resume") {
    spec_.suspend = verb == "suspend";
  } else if (verb == "withhold" || verb == "admit") {  // withhold WHY... | admit
    withheld_ = rest(words, 1);
  } else if (verb == "skip") {
    spec_.skip.push_back(words.at(1));
  } else if (verb == "restart") {
    if (mirror_) mirror_->restart();
    rejected_.clear();
    read_.clear();
    unread_.clear();
    pages_.clear();
    unstored_.reset();
    gone_.clear();
    seen_made_.clear();
    last_commit_.reset();
  } else if (verb == "refuse") {  // refuse TASK REASON MESSAGE...
    refusals_[words.at(1)] = {words.at(2), rest(words, 3)};
  } else if (verb == "logs") {  // logs there | logs WHY NOT...
    no_logs_ = words.at(1) == "there" ? "" : rest(words, 1);
  } else if (verb == "store") {  // store there | store WHY NOT...
    no_store_ = words.at(1) == "there" ? "" : rest(words, 1);
  } else if (verb == "accept") {
    refusals_.erase(words.at(1));
  } else if (verb != "start" && verb != "show" && !say(words)) {
    throw wrong(rest(words, 0));
  }
}

// What the status tells of each task beside its state.
void World::show(std::vector<std::string>& trace) const {
  const Decision decision = decide(observe());
  for (const api::TaskStatus& task : decision.status.tasks) {
    std::string text = task.name + " " + task.state + (task.reason.empty() ? "" : " " + task.reason);
    if (task.restarts > 0) text += ", restarts: " + std::to_string(task.restarts);
    if (task.start_time) text += ", from " + time_text(*task.start_time);
    if (task.completion_time) text += ", to " + time_text(*task.completion_time);
    const Entry& entry = entry_of(decision.ledger, task.name);
    if (entry.next_attempt_at) text += ", next at " + time_text(*entry.next_attempt_at);
    trace.push_back(text + (task.message.empty() ? "" : ": " + task.message));
  }
  trace.push_back("run " + decision.status.succeeded.reason + ": " + decision.status.succeeded.message);
}

// approve|reject|withdraw TASK USER COMMENT... | approve-former TASK USER: for an earlier run of this name | guard
// absent WHY... | guard in-force
bool World::say(const std::vector<std::string>& words) {
  const std::string& verb = words[0];
  if (verb == "guard") {
    const bool absent = words.at(1) == "absent";
    guard_.state = absent ? ApprovalGuard::State::absent : ApprovalGuard::State::in_force;
    guard_.why = rest(words, 2);
    return true;
  }
  const auto same = [&words](const GivenApproval& one) {
    return one.spec.task == words.at(1) && one.spec.user == words.at(2);
  };
  if (verb == "withdraw") return std::erase_if(approvals_, same) > 0;
  if (verb != "approve" && verb != "approve-former" && verb != "reject") return false;
  const api::ApprovalSpec spec{{kRun.name, verb == "approve-former" ? Uid{"former-uid"} : kUid},
                               words.at(1),
                               verb == "reject" ? "Reject" : "Approve",
                               words.at(2),
                               rest(words, 3)};
  approvals_.push_back({"a" + std::to_string(approvals_.size()), now_, spec});
  return true;
}

// pod TASK ATTEMPT pending REASON MESSAGE... | running | succeeded [RESULTS] | failed EXITCODE [REASON [WORDS...]] |
//                  hands-on RESULTS | wrote RESULTS | hands-on-nothing REASON MESSAGE... | deleting | forced | gone |
//                  disrupted REASON MESSAGE... | hidden | shown | arrives | made (by this process, which looks for what
//                  the cache does not show)
void World::pod(const std::vector<std::string>& words) {
  const std::string& what = words.at(3);
  if (what == "arrives") {  // a create that was on its way
    CreatePod late;
    const Attempt attempt = attempt_of(words[1], words[2]);
    late.task = attempt.task;
    late.item = attempt.item;
    late.attempt = attempt.number;
    late.pod_name = pod_name(kRun, kUid, attempt);
    std::vector<std::string> trace;
    create(late, trace);
    return;
  }
  Pod& pod = find(words[1], words[2]);
  PodObservation& seen = pod.seen;
  if (what == "pending") {
    seen.waiting_reason = words.at(4);
    seen.waiting_message = rest(words, 5);
  } else if (what == "running") {
    seen.phase = PodPhase::running;
    seen.started = now_;
    seen.waiting_reason.clear();
    seen.waiting_message.clear();
  } else if (what == "succeeded") {
    seen.phase = PodPhase::succeeded;
    seen.exit_code = 0;
    seen.termination_message = repeated(rest(words, 4));
    seen.finished = now_;
  } else if (what == "hands-on" || what == "wrote") {  // what its sidecar handed on; it succeeded, or will not
    if (what == "hands-on") seen.phase = PodPhase::succeeded;
    if (what == "hands-on") seen.finished = now_;
    pod.log = repeated(rest(words, 4));
    seen.handed_on = R"({"ok":true,"sha256":")" + sha256_hex(pod.log) + "\"}";
  } else if (what == "hands-on-nothing") {
    seen.phase = PodPhase::succeeded;
    seen.finished = now_;
    seen.handed_on = R"({"ok":false,"reason":")" + words.at(4) + R"(","message":")" + rest(words, 5) + "\"}";
  } else if (what == "failed") {
    seen.phase = PodPhase::failed;
    seen.exit_code = std::stoll(words.at(4));
    seen.reason = words.size() > 5 ? words[5] : "Error";
    seen.termination_message = rest(words, 6);
    seen.finished = now_;
  } else if (what == "unknown") {
    seen.phase = PodPhase::unknown;
  } else if (what == "deleting") {
    seen.deleting = true;
    seen.ended_before = seen.finished.has_value();
  } else if (what == "disrupted") {
    seen.disruption_reason = words.at(4);
    seen.disruption_message = rest(words, 5);
  } else if (what == "forced") {
    seen.deleting = seen.force_deleted = true;
  } else if (what == "made") {
    seen_made_[attempt_of(words[1], words[2])] = now_;
  } else if (what == "gone") {
    pods_.erase(seen.name);
  } else if (what == "hidden" || what == "shown") {
    pod.hidden = what == "hidden";
  } else {
    throw wrong(rest(words, 0));
  }
}

World::Pod& World::find(const std::string& task, const std::string& attempt) {
  const auto at = pods_.find(pod_name(kRun, kUid, attempt_of(task, attempt)));
  if (at == pods_.end()) throw std::invalid_argument("there is no pod " + task + "#" + attempt);
  return at->second;
}

std::string World::label(const std::string& name) const {
  for (const auto* tasks : {&plan_.pipeline.tasks, &plan_.pipeline.finally}) {
    for (const api::Task& task : *tasks) {
      for (std::int64_t item = kNoItem; item < (task.for_each ? 20 : 0); ++item) {
        for (std::int64_t number = 1; number < 20; ++number) {
          if (pod_name(kRun, kUid, {task.name, item, number}) != name) continue;
          return name_of_item(task.name, item) + "#" + std::to_string(number);
        }
      }
    }
  }
  return name;
}

// Acts on decisions until one of them is the same as that before.
std::vector<std::string> World::settle() {
  if (!mirror_) mirror_.emplace(kRun, kUid, plan_);
  std::vector<std::string> trace;
  std::vector<Action> before;
  Ledger written;  // with them
  for (int turns = 0; turns < 50; ++turns) {
    const Observed observed = observe();
    const Decision decision = decide(observed);
    if (mirrored_) mirror_->compare(observed, decision);
    if (!mirror_->otherwise().empty()) trace.push_back("an execution decides otherwise: " + mirror_->otherwise());
    if (decision.actions.empty() || (decision.actions == before && decision.ledger == written)) {
      for (const auto& [task, why] : decision.why) trace.push_back("why " + task + ": " + why);
      if (decision.wake_at) trace.push_back("wake at " + time_text(*decision.wake_at));
      return trace;
    }
    apply(decision, trace);
    before = decision.actions;
    written = decision.ledger;
  }
  trace.push_back("does not come to rest");
  return trace;
}

Observed World::observe() const {
  Observed observed{.run = kRun,
                    .run_uid = kUid,
                    .plan = plan_,
                    .params = params_,
                    .spec = spec_,
                    .withheld = withheld_,
                    .committed = committed_,
                    .pods = {},
                    .rejections = {},
                    .gone = gone_,
                    .made = seen_made_,
                    .approvals = approvals_,
                    .guard = guard_,
                    .created = WallTime{},
                    .now = now_,
                    .started = WallTime{},
                    .last_commit = last_commit_};
  for (const auto& [name, pod] : pods_) {
    if (!pod.hidden) observed.pods.push_back(pod.seen);
  }
  for (const auto& [attempt, rejected] : rejected_) observed.rejections.push_back(rejected);
  observed.texts.assign(stored_.begin(), stored_.end());
  observed.texts.insert(observed.texts.end(), read_.begin(), read_.end());
  for (const auto& [attempt, unread] : unread_) observed.unread.push_back(unread);
  observed.stored.assign(pages_.begin(), pages_.end());
  observed.unstored = unstored_;
  return observed;
}

void World::apply(const Decision& decision, std::vector<std::string>& trace) {
  for (const Action& action : decision.actions) {
    if (const auto* made = std::get_if<CreatePod>(&action)) create(*made, trace);
    if (const auto* results = std::get_if<FetchResults>(&action)) fetch(*results, trace);
    if (const auto* results = std::get_if<StoreResults>(&action)) store(*results, trace);
    if (const auto* gone = std::get_if<ConfirmGone>(&action)) {
      const bool there = pods_.contains(gone->name);
      trace.push_back("look for " + label(gone->name) + (there ? ": it is there" : ": it is gone"));
      if (!there) gone_.insert(gone->attempt);
      if (const auto made = seen_made_.find(gone->attempt); made != seen_made_.end()) made->second = now_;
    }
    if (const auto* deleted = std::get_if<DeletePod>(&action)) {
      trace.push_back("delete " + label(deleted->name) + ": " + deleted->why);
      if (pods_.contains(deleted->name)) pods_[deleted->name].seen.deleting = true;
    }
    if (const auto* released = std::get_if<ReleasePod>(&action)) {
      trace.push_back("release " + label(released->name));
      if (pods_.contains(released->name)) pods_[released->name].seen.holds_result = false;
      remove_if_free(released->name);
    }
    if (std::holds_alternative<CommitStatus>(action)) {
      std::string text = "commit " + decision.status.phase + ":";
      for (const api::TaskStatus& task : decision.status.tasks) {
        text += " " + task.name + "=" + task.state + (task.attempt > 0 ? "#" + std::to_string(task.attempt) : "") +
                (task.reason.empty() ? "" : "(" + task.reason + ")");
      }
      trace.push_back(text);
      if (decision.status.refused) trace.push_back("  refused: " + decision.status.refused->message);
      if (decision.status.completion_time) trace.push_back("  " + decision.status.succeeded.message);
      committed_ = decode(encode(decision.ledger)).value();
      last_commit_ = now_;
    }
  }
}

void World::fetch(const FetchResults& action, std::vector<std::string>& trace) {
  const std::string what = "read results of " + label(action.pod);
  if (!no_logs_.empty()) {
    trace.push_back(what + ": " + no_logs_);
    UnreadResults& unread = unread_[action.attempt];
    unread = {action.attempt, no_logs_, now_, unread.message.empty() ? 1 : unread.times + 1};
    return;
  }
  trace.push_back(what + (action.store ? ": stored" : ""));
  (action.store ? stored_ : read_).insert(pods_.at(action.pod).log);
}

void World::store(const StoreResults& action, std::vector<std::string>& trace) {
  std::string what = "store results of";
  for (const auto& [task, items] : read_page(action.text)) {
    for (const auto& [item, results] : items) what += " " + name_of_item(task, item);
  }
  if (!no_store_.empty()) {
    trace.push_back(what + ": " + no_store_);
    unstored_ = UnstoredResults{no_store_, now_, unstored_ ? unstored_->times + 1 : 1};
    return;
  }
  trace.push_back(what);
  unstored_.reset();
  stored_.insert(action.text);
  pages_.insert(action.text);
}

void World::create(const CreatePod& action, std::vector<std::string>& trace) {
  std::string text = "create " + label(action.pod_name);
  for (const std::string& arg : action.args) text += " " + arg;
  for (const api::Sidecar& sidecar : action.sidecars) text += " with " + sidecar.name + ": " + rest(sidecar.args, 0);
  if (action.out_of_memory > 0) text += " (out of memory: " + std::to_string(action.out_of_memory) + ")";
  if (const auto refused = refusals_.find(name_of_item(action.task, action.item)); refused != refusals_.end()) {
    trace.push_back(text + ": refused");
    RejectedCreate& rejected = rejected_[{action.task, action.item, action.attempt}];
    rejected.times = rejected.task.empty() ? 1 : rejected.times + 1;
    rejected.task = action.task;
    rejected.item = action.item;
    rejected.attempt = action.attempt;
    rejected.reason = refused->second.first;
    rejected.message = refused->second.second;
    rejected.permanent = rejected.reason == "Invalid" || rejected.reason == "NameTaken";
    rejected.at = now_;
    return;
  }
  if (pods_.contains(action.pod_name)) {
    trace.push_back(text + ": is there already");
    return;
  }
  trace.push_back(text);
  rejected_.erase({action.task, action.item, action.attempt});
  if (!made_.insert(action.pod_name).second) made_twice_.insert(label(action.pod_name));
  pods_[action.pod_name] = {testing::made_pod(action, now_)};
}

// A pod that is being deleted goes when nothing holds it.
void World::remove_if_free(const std::string& name) {
  const auto at = pods_.find(name);
  if (at == pods_.end()) return;
  const PodObservation& seen = at->second.seen;
  const bool ended = seen.phase == PodPhase::succeeded || seen.phase == PodPhase::failed || seen.force_deleted;
  if (seen.deleting && ended && !seen.holds_result) pods_.erase(at);
}

std::string World::time_text(WallTime at) const {
  return format_duration(std::chrono::duration_cast<Millis>(at - WallTime{}));
}

}  // namespace atelier::engine::scenarios
