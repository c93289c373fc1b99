// decide() on whatever it is given, sensible or not: it answers, always the same, and its answer breaks no promise.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <limits>

#include "atelier/engine/decide.h"

namespace atelier::engine {
namespace {

const ObjectKey kRun{"ns", "run"};
const Uid kUid{"uid"};

template <class T>
T one_of(std::initializer_list<T> values) {
  return *rc::gen::elementOf(std::vector<T>(values));
}
bool chance(int percent) { return *rc::gen::inRange(0, 100) < percent; }
WallTime instant() { return WallTime{Millis{*rc::gen::inRange<std::int64_t>(0, 100'000)}}; }
std::optional<WallTime> perhaps_instant() { return chance(50) ? std::optional{instant()} : std::nullopt; }
std::optional<Millis> perhaps_limit() {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  if (chance(60)) return std::nullopt;
  return Millis{one_of<std::int64_t>({-1, 0, 1'000, 50'000, kMost})};
}
std::string task_name() { return one_of<std::string>({"a", "b", "c", "d", "last", "", "nobody"}); }
std::string text() {
  return one_of<std::string>({"", "x", "${params.p}", "${tasks.a.results.r}", "${tasks.nobody.results.r}",
                              "${run.status}", "${tasks.b.status}", "${item}", "${item.k}", "${index}", "${", "$${",
                              "$(HOME)", std::string(5'000, '$'), "\xc3\xa4"});
}
std::int64_t attempt() { return *rc::gen::inRange<std::int64_t>(-1, 5); }
// Of a fan-out, or none; also one that no list has.
std::int64_t item() {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  if (chance(40)) return kNoItem;
  return one_of<std::int64_t>({0, 0, 1, 1, 2, 3, -2, 7, kMost, -kMost});
}

// Written, or made of what is there only once others have ended.
api::ForEach any_list() {
  api::ForEach list;
  if (chance(50)) {
    for (int i = *rc::gen::inRange(0, 4); i > 0; --i) list.items.push_back(text());
  } else {
    list.in = one_of<std::string>({"[]", "[1, {'k': 'v'}, []]", "lists.range(3)", "[1 / 0]", "params.p", "1",
                                   "[tasks.a.status]", "tasks.a.results.r", "lists.range(20000)", "no", "["});
  }
  if (chance(50)) list.max_parallel = one_of<std::int64_t>({-1, 0, 1, 2, std::numeric_limits<std::int64_t>::max()});
  return list;
}

// Of a plan that may make sense, so that its tasks run: its texts and expressions know nothing but what is before them.
void make_sense_of(api::Task& task) {
  const bool after_a = task.name != "a";
  std::erase_if(task.depends_on, [&](const std::string& on) {
    return on.substr(0, on.find('.')) >= task.name || on.ends_with(".Nonsense") || on.starts_with("nobody");
  });
  task.args = {after_a ? one_of<std::string>({"x", "${tasks.a.results.r}", "${tasks.a.status}"}) : "${params.p}"};
  if (task.for_each && chance(50)) task.args = {one_of<std::string>({"${item}", "${index}", "${item.k}"})};
  task.env.clear();
  if (!task.when.empty()) {
    task.when = after_a ? one_of<std::string>({"1 / 0 > 0", "tasks.a.status == 'Failed'", "true"}) : "params.p != ''";
  }
  if (!task.retry.when.empty()) task.retry.when = one_of<std::string>({"false", "attempt.exitCode > 1"});
  if (task.for_each && !task.for_each->in.empty()) {
    task.for_each->in =
        after_a && chance(50)
            ? "[tasks.a.status, 'x']"
            : one_of<std::string>({"[]", "[1, {'k': 'v'}, []]", "lists.range(3)", "[1 / 0]", "lists.range(20000)"});
  }
}

api::Task any_task(const std::string& name) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  api::Task task;
  task.name = name;
  for (const char* before : {"a", "b", "c", "d", "nobody"}) {
    const std::string on =
        one_of<std::string>({"", "", "", ".Succeeded", ".Failed", ".Skipped", ".Ended", ".Nonsense"});
    if (chance(name > before ? 30 : 2)) task.depends_on.push_back(before + on);
  }
  task.args = {text()};
  task.env = {{"E", text(), std::nullopt}};
  if (chance(30)) task.results = {{"r"}};
  if (chance(20)) {
    task.when =
        one_of<std::string>({"true", "1 / 0 > 0", "tasks.a.status == 'Failed'", "tasks.a.results.r != ''", "no"});
  }
  if (chance(30)) task.for_each = any_list();
  if (chance(20)) task.retry.when = one_of<std::string>({"false", "attempt.exitCode > 1", "attempt"});
  if (chance(15)) task.approval = api::ApprovalDemand{one_of<std::int64_t>({-1, 1, 2}), perhaps_limit()};
  task.retry.limit = one_of<std::int64_t>({-1, 0, 1, 3, kMost});
  if (chance(30)) task.retry.infrastructure_limit = one_of<std::int64_t>({-1, 0, 2, kMost});
  if (chance(20)) task.on_failure = api::Task::kContinue;
  task.pending_timeout = perhaps_limit();
  task.total_timeout = perhaps_limit();
  task.retry.backoff.initial = Millis{one_of<std::int64_t>({-1, 0, 1'000, kMost})};
  task.retry.backoff.factor = one_of<double>({0, 1, 2, -3, 1e300, std::numeric_limits<double>::quiet_NaN()});
  task.retry.backoff.jitter = one_of<double>({-1, 0, 0.5, 1e300, std::numeric_limits<double>::quiet_NaN()});
  task.retry.backoff.max = Millis{one_of<std::int64_t>({-1, 0, 5'000, kMost})};
  return task;
}

api::Task any_last() {
  api::Task task = any_task("last");
  if (chance(95)) task.depends_on.clear();
  return task;
}

api::RunPlan any_plan() {
  api::RunPlan plan;
  plan.pipeline.params.emplace_back().name = "p";
  for (const char* name : {"a", "b", "c", "d"}) {
    if (*name == 'a' || chance(80)) plan.pipeline.tasks.push_back(any_task(name));
  }
  if (chance(3)) plan.pipeline.tasks.push_back(any_task("a"));
  if (chance(30)) plan.pipeline.finally.push_back(any_last());
  if (chance(80)) {
    for (api::Task& task : plan.pipeline.tasks) make_sense_of(task);
    for (api::Task& task : plan.pipeline.finally) make_sense_of(task);
    std::set<std::string> names;
    std::erase_if(plan.pipeline.tasks, [&](const api::Task& task) { return !names.insert(task.name).second; });
    for (api::Task& task : plan.pipeline.tasks) {
      std::erase_if(task.depends_on,
                    [&](const std::string& on) { return !names.contains(on.substr(0, on.find('.'))); });
    }
    for (api::Task& task : plan.pipeline.finally) task.depends_on.clear();
  }
  plan.pipeline.timeout = perhaps_limit();
  plan.pipeline.finally_timeout = perhaps_limit();
  return plan;
}

api::PipelineRunSpec any_spec() {
  api::PipelineRunSpec spec;
  if (chance(20)) spec.cancel = api::RunCancel{text(), chance(30), chance(70)};
  spec.suspend = chance(10);
  if (chance(20)) spec.skip = {task_name(), task_name()};
  return spec;
}

void any_entry(Entry& entry) {
  entry.state = static_cast<TaskState>(*rc::gen::inRange(0, 6));
  entry.attempt = *rc::gen::inRange<std::int64_t>(0, 4);
  entry.reason = text();
  entry.started = perhaps_instant();
  entry.finished = perhaps_instant();
  entry.next_attempt_at = perhaps_instant();
  entry.since = perhaps_instant();
  entry.restarts = *rc::gen::inRange<std::int64_t>(0, 4);
  if (chance(20)) entry.results["r"] = text();
}

Ledger any_ledger() {
  Ledger ledger;
  if (chance(20)) ledger.phase = static_cast<RunPhase>(*rc::gen::inRange(0, 5));
  if (chance(20)) ledger.finally_since = instant();
  for (const char* name : {"a", "b", "c", "d", "last", "nobody"}) {
    if (chance(50)) continue;
    TaskEntry& entry = ledger.tasks[name];
    any_entry(entry);
    if (chance(60)) continue;
    entry.items.resize(*rc::gen::inRange<std::size_t>(0, 5));
    for (Entry& one : entry.items) {
      any_entry(one);
      one.started.reset();  // are not kept
      one.finished.reset();
    }
  }
  return ledger;
}

PodObservation any_pod() {
  PodObservation pod;
  pod.task = task_name();
  pod.item = item();
  pod.attempt = attempt();
  pod.name = chance(90) ? pod_name(kRun, kUid, {pod.task, pod.item, pod.attempt}) : "another";
  pod.uid = Uid{pod.name};
  pod.phase = static_cast<PodPhase>(*rc::gen::inRange(0, 5));
  pod.reason = one_of<std::string>({"", "Error", "Evicted", "DeadlineExceeded", std::string(9'000, 'r')});
  pod.message = text();
  pod.termination_message = one_of<std::string>({"", "{", "[]", R"({"r":1})", R"j({"r":"$(x)"})j", text()});
  pod.started = perhaps_instant();
  pod.finished = perhaps_instant();
  pod.deleting = chance(30);
  pod.force_deleted = chance(30);
  pod.holds_result = chance(70);
  pod.waiting_reason = text();
  return pod;
}

// One that also people have to approve is none.
bool is_fan_out(const api::Task& task) { return task.for_each && !task.approval; }

struct Input {
  api::RunPlan plan = any_plan();
  api::PipelineRunSpec spec = any_spec();
  Observed observed{.run = kRun,
                    .run_uid = kUid,
                    .plan = plan,
                    .params = {{"p", text()}},
                    .spec = spec,
                    .committed = any_ledger(),
                    .pods = {},
                    .rejections = {},
                    .gone = {},
                    .approvals = {},
                    .guard = {},
                    .created = {},
                    .now = instant(),
                    .started = perhaps_instant(),
                    .last_commit = perhaps_instant()};

  Input() {
    for (auto& [name, entry] : observed.committed.tasks) {  // a plan does not change
      if (const api::Task* task = find(name); task != nullptr && !is_fan_out(*task)) entry.items.clear();
    }
    for (int i = *rc::gen::inRange(0, 8); i > 0; --i) {
      const PodObservation pod = any_pod();
      const auto same = [&pod](const PodObservation& other) { return other.name == pod.name; };
      if (std::none_of(observed.pods.begin(), observed.pods.end(), same)) observed.pods.push_back(pod);
    }
    for (int i = *rc::gen::inRange(0, 3); i > 0; --i) {
      observed.rejections.push_back({task_name(), item(), attempt(), "Forbidden", text(), chance(50), instant(),
                                     *rc::gen::inRange<std::int64_t>(-1, 99)});
    }
    for (int i = *rc::gen::inRange(0, 4); i > 0; --i) {
      const Attempt gone{task_name(), item(), attempt()};
      if (!is_seen(gone)) observed.gone.insert(gone);
    }
    for (int i = *rc::gen::inRange(0, 3); i > 0; --i) {
      const Attempt made{task_name(), item(), attempt()};
      if (!is_seen(made) && !observed.gone.contains(made)) observed.made[made] = instant();
    }
  }
  bool is_seen(const Attempt& attempt) const {
    const std::string name = pod_name(kRun, kUid, attempt);
    const auto same = [&name](const PodObservation& pod) { return pod.name == name; };
    return std::any_of(observed.pods.begin(), observed.pods.end(), same);
  }
  // Null where the plan has none.
  const api::Task* find(const std::string& name) const {
    for (const auto* tasks : {&plan.pipeline.tasks, &plan.pipeline.finally}) {
      for (const api::Task& task : *tasks) {
        if (task.name == name) return &task;
      }
    }
    return nullptr;
  }
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;
};

std::string text_of(const Entry& entry) {
  return std::string(to_string(entry.state)) + "#" + std::to_string(entry.attempt) + " ";
}
std::string text_of(const Ledger& ledger) {
  std::string out = std::string(to_string(ledger.phase)) + ": ";
  for (const auto& [name, entry] : ledger.tasks) {
    out += "\n  " + name + "=" + text_of(static_cast<const Entry&>(entry));
    for (const Entry& one : entry.items) out += "[" + text_of(one) + "] ";
  }
  return out;
}
// What a case that fails is about: what was drawn for it says little.
std::string text_of(const Input& input) {
  std::string out = "plan:";
  for (const auto* tasks : {&input.plan.pipeline.tasks, &input.plan.pipeline.finally}) {
    for (const api::Task& task : *tasks) {
      out += "\n  " + task.name + (task.approval ? " approval" : "") + (task.when.empty() ? "" : " when " + task.when);
      for (const std::string& need : task.depends_on) out += " after " + need;
      if (!task.for_each) continue;
      out += " for each of " + std::to_string(task.for_each->items.size()) + " or in " + task.for_each->in +
             (task.for_each->max_parallel ? " parallel " + std::to_string(*task.for_each->max_parallel) : "");
    }
  }
  const api::PipelineRunSpec& spec = input.spec;
  out += std::string("\nspec:") + (spec.cancel ? " cancel" : "") + (spec.suspend ? " suspend" : "");
  for (const std::string& name : spec.skip) out += " skip " + name;
  const auto text = [](const std::string& task, std::int64_t item, std::int64_t attempt) {
    return "\n  " + name_of_item(task, item) + "#" + std::to_string(attempt);
  };
  out += "\ncommitted: " + text_of(input.observed.committed) + "\npods:";
  for (const PodObservation& pod : input.observed.pods) {
    out += text(pod.task, pod.item, pod.attempt) + " of phase " + std::to_string(static_cast<int>(pod.phase));
  }
  for (const RejectedCreate& one : input.observed.rejections) out += text(one.task, one.item, one.attempt) + " refused";
  for (const Attempt& one : input.observed.gone) out += text(one.task, one.item, one.number) + " gone";
  for (const auto& [one, at] : input.observed.made) out += text(one.task, one.item, one.number) + " made";
  return out + "\n";
}

// An attempt that there cannot be has no end to be waited for.
bool holds_end_of(const Ledger& ledger, const Attempt& attempt) {
  static const TaskEntry kNone;
  const auto at = ledger.tasks.find(attempt.task);
  const TaskEntry& task = at == ledger.tasks.end() ? kNone : at->second;
  if (ended(task.state)) return true;
  const auto index = static_cast<std::size_t>(attempt.item);
  const Entry& entry = attempt.item == kNoItem ? task : index < task.items.size() ? task.items[index] : kNone;
  if (ended(entry.state)) return true;
  return entry.state == TaskState::running ? attempt.number < entry.attempt : attempt.number <= entry.attempt;
}

std::vector<Entry> items_of(const Ledger& ledger, const std::string& task) {
  const auto at = ledger.tasks.find(task);
  return at == ledger.tasks.end() ? std::vector<Entry>{} : at->second.items;
}

// Of a fan-out items may be there already, which goes on whatever is said of it.
bool has_begun(const Input& input, const std::string& task) {
  if (!input.find(task)->for_each) return false;
  const auto known = input.observed.committed.tasks.find(task);
  if (known != input.observed.committed.tasks.end() && !known->second.items.empty()) return true;
  const auto of_it = [&task](const PodObservation& pod) { return pod.task == task && pod.item >= 0; };
  return std::any_of(input.observed.pods.begin(), input.observed.pods.end(), of_it);
}

// Whether there can be such an attempt, by plan and list.
bool is_planned(const Input& input, const Attempt& attempt) {
  const api::Task* task = input.find(attempt.task);
  if (task == nullptr) return false;
  if (!is_fan_out(*task)) return attempt.item == kNoItem;
  const std::vector<Entry> items = items_of(decide(input.observed).ledger, attempt.task);
  return attempt.item >= 0 && (items.empty() || static_cast<std::size_t>(attempt.item) < items.size());
}

template <class T>
std::vector<T> of_type(const Decision& decision) {
  std::vector<T> found;
  for (const Action& action : decision.actions) {
    if (const T* one = std::get_if<T>(&action)) found.push_back(*one);
  }
  return found;
}

void expect_same(const Decision& left, const Decision& right) {
  RC_ASSERT(left.actions == right.actions);
  RC_ASSERT(left.ledger == right.ledger);
  RC_ASSERT(left.status == right.status);
  RC_ASSERT(left.wake_at == right.wake_at);
  RC_ASSERT(left.why == right.why);
}

TEST(AnyInput, TheSameIsDecidedAgainAndInAnyOrderOfPods) {
  EXPECT_TRUE(rc::check([] {
    Input input;
    RC_LOG() << text_of(input);
    const Decision decision = decide(input.observed);
    expect_same(decision, decide(input.observed));
    std::reverse(input.observed.pods.begin(), input.observed.pods.end());
    expect_same(decision, decide(input.observed));
  }));
}

TEST(AnyInput, APodIsMadeOnlyForAnAttemptThatIsNotSeenAndHasNotEnded) {
  EXPECT_TRUE(rc::check([] {
    const Input input;
    RC_LOG() << text_of(input);
    const Observed& observed = input.observed;
    const Decision decision = decide(observed);
    std::set<std::pair<std::string, std::int64_t>> made;
    std::map<std::string, std::int64_t> counts;
    for (const CreatePod& create : of_type<CreatePod>(decision)) {
      const Attempt attempt{create.task, create.item, create.attempt};
      RC_ASSERT(create.pod_name == pod_name(kRun, kUid, attempt));
      RC_ASSERT(made.insert({create.task, create.item}).second);
      const api::Task& task = *input.find(create.task);
      const auto items = static_cast<std::int64_t>(items_of(decision.ledger, create.task).size());
      const bool in_list = task.for_each ? create.item >= 0 && create.item < items : create.item == kNoItem;
      RC_ASSERT(in_list);
      ++counts[create.task];
      if (task.for_each && task.for_each->max_parallel) {
        const std::vector<Entry> all = items_of(decision.ledger, create.task);
        const auto runs = [](const Entry& one) { return one.state == TaskState::running; };
        const std::int64_t running = std::count_if(all.begin(), all.end(), runs) + counts[create.task];
        RC_ASSERT(running <= std::max<std::int64_t>(*task.for_each->max_parallel, 1));
      }
      RC_ASSERT(!observed.made.contains(attempt));
      const auto& cancel = observed.spec.cancel;
      const bool may_start = !cancel || (cancel->finally && create.task == "last");
      RC_ASSERT(may_start);                                        // its own || looks at both sides
      RC_ASSERT(!observed.spec.suspend || create.task == "last");  // of a run that was stopped
      const bool begun = has_begun(input, create.task);
      RC_ASSERT(begun || std::count(observed.spec.skip.begin(), observed.spec.skip.end(), create.task) == 0);
      RC_ASSERT(!ended(observed.committed.phase));
      RC_ASSERT(!holds_end_of(observed.committed, attempt));
      RC_ASSERT(!input.is_seen(attempt));
    }
  }));
}

TEST(AnyInput, APodOfThePlanIsLetGoOnlyWhenTheCommittedLedgerHoldsItsEnd) {
  EXPECT_TRUE(rc::check([] {
    const Input input;
    RC_LOG() << text_of(input);
    const Observed& observed = input.observed;
    for (const ReleasePod& release : of_type<ReleasePod>(decide(observed))) {
      const auto pod = std::find_if(observed.pods.begin(), observed.pods.end(),
                                    [&release](const PodObservation& one) { return one.name == release.name; });
      RC_ASSERT(pod != observed.pods.end());
      const Attempt attempt{pod->task, pod->item, pod->attempt};
      RC_ASSERT(pod->name == pod_name(kRun, kUid, attempt));
      RC_ASSERT(!is_planned(input, attempt) || ended(observed.committed.phase) ||
                holds_end_of(observed.committed, attempt));
    }
  }));
}

TEST(AnyInput, AChangeIsCommittedNowOrAWakeIsSetForIt) {
  EXPECT_TRUE(rc::check([] {
    const Input input;
    RC_LOG() << text_of(input);
    const Decision decision = decide(input.observed);
    RC_LOG() << "decided: " << text_of(decision.ledger) << "\n";
    const std::size_t commits = of_type<CommitStatus>(decision).size();
    RC_ASSERT(commits <= 1U);
    if (decision.ledger == input.observed.committed) {
      RC_ASSERT(commits == 0U);
    } else {
      RC_ASSERT(commits == 1U || decision.wake_at.has_value());
      if (ended(decision.ledger.phase)) RC_ASSERT(commits == 1U);
    }
    if (decision.wake_at) RC_ASSERT(*decision.wake_at > input.observed.now);
    const bool same = decode(encode(decision.ledger)).value() == decision.ledger;
    RC_ASSERT(same);
  }));
}

TEST(AnyInput, WhatHasEndedStaysAsItEnded) {
  EXPECT_TRUE(rc::check([] {
    const Input input;
    RC_LOG() << text_of(input);
    const Ledger& committed = input.observed.committed;
    const Decision decision = decide(input.observed);
    RC_LOG() << "decided: " << text_of(decision.ledger) << "\n";
    if (ended(committed.phase)) RC_ASSERT(decision.ledger == committed);
    for (const auto& [name, entry] : committed.tasks) {
      if (ended(entry.state)) RC_ASSERT(decision.ledger.tasks.at(name) == entry);
    }
  }));
}

TEST(AnyInput, WhatTheStatusShowsIsBounded) {
  EXPECT_TRUE(rc::check([] {
    const Input input;
    RC_LOG() << text_of(input);
    const Decision decision = decide(input.observed);
    for (const auto& [name, entry] : decision.ledger.tasks) {
      const auto before = input.observed.committed.tasks.find(name);
      if (before != input.observed.committed.tasks.end() && before->second.reason == entry.reason) continue;
      RC_ASSERT(entry.reason.size() <= 256U);
      RC_ASSERT(entry.message.size() <= 256U);
    }
  }));
}

}  // namespace
}  // namespace atelier::engine
