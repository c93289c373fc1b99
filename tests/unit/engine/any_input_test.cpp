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
                              "${run.status}", "${tasks.b.status}", "${", "$${", "$(HOME)", std::string(5'000, '$'),
                              "\xc3\xa4"});
}
std::int64_t attempt() { return *rc::gen::inRange<std::int64_t>(-1, 5); }

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
  for (const char* name : {"a", "b", "c", "d"}) {
    if (chance(80)) plan.pipeline.tasks.push_back(any_task(name));
  }
  if (chance(3)) plan.pipeline.tasks.push_back(any_task("a"));
  if (chance(30)) plan.pipeline.finally.push_back(any_last());
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

Ledger any_ledger() {
  Ledger ledger;
  if (chance(20)) ledger.phase = static_cast<RunPhase>(*rc::gen::inRange(0, 5));
  if (chance(20)) ledger.finally_since = instant();
  for (const char* name : {"a", "b", "c", "d", "last", "nobody"}) {
    if (chance(50)) continue;
    TaskEntry& entry = ledger.tasks[name];
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
  return ledger;
}

PodObservation any_pod() {
  PodObservation pod;
  pod.task = task_name();
  pod.attempt = attempt();
  pod.name = chance(90) ? pod_name(kRun, kUid, {pod.task, kNoItem, pod.attempt}) : "another";
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
    for (int i = *rc::gen::inRange(0, 8); i > 0; --i) {
      const PodObservation pod = any_pod();
      const auto same = [&pod](const PodObservation& other) { return other.name == pod.name; };
      if (std::none_of(observed.pods.begin(), observed.pods.end(), same)) observed.pods.push_back(pod);
    }
    for (int i = *rc::gen::inRange(0, 3); i > 0; --i) {
      observed.rejections.push_back({task_name(), kNoItem, attempt(), "Forbidden", text(), chance(50), instant(),
                                     *rc::gen::inRange<std::int64_t>(-1, 99)});
    }
    for (int i = *rc::gen::inRange(0, 4); i > 0; --i) {
      const Attempt gone{task_name(), kNoItem, attempt()};
      const std::string name = pod_name(kRun, kUid, gone);
      const auto same = [&name](const PodObservation& pod) { return pod.name == name; };
      if (std::none_of(observed.pods.begin(), observed.pods.end(), same)) observed.gone.insert(gone);
    }
  }
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;
};

bool holds_end_of(const Ledger& ledger, const std::string& task, std::int64_t attempt) {
  const auto at = ledger.tasks.find(task);
  if (at == ledger.tasks.end()) return false;
  if (ended(at->second.state)) return true;
  return at->second.state == TaskState::running ? attempt < at->second.attempt : attempt <= at->second.attempt;
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
    const Decision decision = decide(input.observed);
    expect_same(decision, decide(input.observed));
    std::reverse(input.observed.pods.begin(), input.observed.pods.end());
    expect_same(decision, decide(input.observed));
  }));
}

TEST(AnyInput, APodIsMadeOnlyForAnAttemptThatIsNotSeenAndHasNotEnded) {
  EXPECT_TRUE(rc::check([] {
    const Input input;
    const Observed& observed = input.observed;
    const Decision decision = decide(observed);
    std::set<std::string> made;
    for (const CreatePod& create : of_type<CreatePod>(decision)) {
      RC_ASSERT(create.pod_name == pod_name(kRun, kUid, {create.task, kNoItem, create.attempt}));
      RC_ASSERT(made.insert(create.task).second);
      const auto& cancel = observed.spec.cancel;
      RC_ASSERT(!cancel || (cancel->finally && create.task == "last"));
      RC_ASSERT(!observed.spec.suspend || create.task == "last");  // of a run that was stopped as well
      RC_ASSERT(std::count(observed.spec.skip.begin(), observed.spec.skip.end(), create.task) == 0);
      RC_ASSERT(!ended(observed.committed.phase));
      RC_ASSERT(!holds_end_of(observed.committed, create.task, create.attempt));
      const auto same = [&create](const PodObservation& pod) { return pod.name == create.pod_name; };
      RC_ASSERT(std::none_of(observed.pods.begin(), observed.pods.end(), same));
    }
  }));
}

TEST(AnyInput, APodOfThePlanIsLetGoOnlyWhenTheCommittedLedgerHoldsItsEnd) {
  EXPECT_TRUE(rc::check([] {
    const Input input;
    const Observed& observed = input.observed;
    for (const ReleasePod& release : of_type<ReleasePod>(decide(observed))) {
      const auto pod = std::find_if(observed.pods.begin(), observed.pods.end(),
                                    [&release](const PodObservation& one) { return one.name == release.name; });
      RC_ASSERT(pod != observed.pods.end());
      RC_ASSERT(pod->name == pod_name(kRun, kUid, {pod->task, kNoItem, pod->attempt}));
      const auto has = [&pod](const std::vector<api::Task>& tasks) {
        return std::any_of(tasks.begin(), tasks.end(), [&pod](const api::Task& t) { return t.name == pod->task; });
      };
      const bool planned = has(observed.plan.pipeline.tasks) || has(observed.plan.pipeline.finally);
      RC_ASSERT(!planned || ended(observed.committed.phase) ||
                holds_end_of(observed.committed, pod->task, pod->attempt));
    }
  }));
}

TEST(AnyInput, AChangeIsCommittedNowOrAWakeIsSetForIt) {
  EXPECT_TRUE(rc::check([] {
    const Input input;
    const Decision decision = decide(input.observed);
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
    const Ledger& committed = input.observed.committed;
    const Decision decision = decide(input.observed);
    if (ended(committed.phase)) RC_ASSERT(decision.ledger == committed);
    for (const auto& [name, entry] : committed.tasks) {
      if (ended(entry.state)) RC_ASSERT(decision.ledger.tasks.at(name) == entry);
    }
  }));
}

TEST(AnyInput, WhatTheStatusShowsIsBounded) {
  EXPECT_TRUE(rc::check([] {
    const Input input;
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
