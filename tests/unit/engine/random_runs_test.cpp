// Random plans, random ends of pods, people who suspend, skip, cancel and approve, caches that lag, and an operator
// that forgets what it did not commit: whatever happens, the run ends, and no attempt is started twice. What was
// decided and applied is not decided again, and soon there is nothing to decide. An execution that is told of changes
// only decides as decide() does, which is told everything.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <stdexcept>

#include "atelier/base/digest.h"
#include "atelier/engine/execution.h"
#include "support/made_pod.h"
#include "support/mirror.h"
#include "support/sanitized.h"

namespace atelier::engine {
namespace {

const ObjectKey kRun{"ns", "run"};
const Uid kUid{"uid"};

// The same numbers for the same seed, everywhere.
class Dice {
 public:
  explicit Dice(unsigned seed) : engine_(seed) {}
  int below(int limit) { return static_cast<int>(engine_() % static_cast<unsigned>(limit)); }
  bool one_in(int chances) { return below(chances) == 0; }

 private:
  std::mt19937 engine_;
};

void limits(api::Task& task, Dice& dice) {
  if (dice.one_in(4)) task.total_timeout = Millis{dice.below(10'000)};
  if (dice.one_in(4)) task.pending_timeout = Millis{dice.below(5'000)};
  if (dice.one_in(4)) task.retry.infrastructure_limit = dice.below(3);
  if (dice.one_in(4)) task.on_failure = api::Task::kContinue;
}

void fan_out(api::Task& task, Dice& dice) {
  if (!dice.one_in(4)) return;
  task.for_each.emplace();
  for (int j = 1 + dice.below(4); j > 0; --j) task.for_each->items.push_back("item");
  if (dice.one_in(2)) task.for_each->max_parallel = 1 + dice.below(3);
}

// Which a later task inserts, if it needs this one's success.
void large_results(api::Task& task, Dice& dice) {
  if (task.for_each || !dice.one_in(2)) return;
  task.large_results = true;
  task.results = {{"text", "string"}};
}

void insert_results(api::Task& task, const std::vector<api::Task>& before) {
  for (const api::Task& other : before) {
    const bool needed = std::find(task.depends_on.begin(), task.depends_on.end(), other.name) != task.depends_on.end();
    if (needed && other.large_results) {
      task.args.push_back("${tasks." + other.name + ".results.text}");
    }
  }
}

api::RunPlan any_plan(Dice& dice) {
  api::RunPlan plan;
  const int tasks = 1 + dice.below(7);
  for (int i = 0; i < tasks; ++i) {
    api::Task task;
    task.name = "t" + std::to_string(i);
    task.retry.limit = dice.below(3);
    task.retry.backoff.initial = Millis{1'000};
    for (int j = 0; j < i; ++j) {
      const std::string on = std::array{
          "", "", "", ".Succeeded", ".Failed", ".Skipped", ".Ended"}[static_cast<std::size_t>(dice.below(7))];
      if (dice.one_in(3)) task.depends_on.push_back("t" + std::to_string(j) + on);
    }
    limits(task, dice);
    if (i > 0 && dice.one_in(4)) {
      task.approval = api::ApprovalDemand{1 + dice.below(2), std::nullopt};
      const std::string before = "t" + std::to_string(dice.below(i));
      task.depends_on = {before + ".Ended"};
      if (dice.one_in(3)) task.when = "tasks." + before + ".status == 'Failed'";
    } else {
      fan_out(task, dice);
      large_results(task, dice);
      insert_results(task, plan.pipeline.tasks);
    }
    plan.pipeline.tasks.push_back(std::move(task));
  }
  for (int i = dice.below(3); i > 0; --i) {
    api::Task task;
    task.name = "last" + std::to_string(i);
    limits(task, dice);
    fan_out(task, dice);
    plan.pipeline.finally.push_back(std::move(task));
  }
  if (dice.one_in(4)) plan.pipeline.timeout = Millis{dice.below(20'000)};
  if (dice.one_in(4)) plan.pipeline.finally_timeout = Millis{dice.below(5'000)};
  return plan;
}

class Cluster {
 public:
  Cluster(const api::RunPlan& plan, Dice& dice) : plan_(plan), dice_(dice), mirror_(kRun, kUid, plan) {
    for (const api::Task& task : plan.pipeline.tasks) {
      if (task.for_each && dice.one_in(4)) take_over(task);
    }
    if (!dice.one_in(4)) spec_.author = "alice";  // without one the approval is refused when its turn comes
  }

  bool over() const { return ended(committed_.phase); }
  const Ledger& committed() const { return committed_; }
  const std::map<std::string, int>& made() const { return made_; }
  bool without_finally() const { return spec_.cancel && !spec_.cancel->finally; }
  // What was started before its predecessors had ended.
  const std::string& too_early() const { return too_early_; }
  // What was committed or inserted of large results that are not stored, and how often some were inserted.
  const std::string& not_stored() const { return not_stored_; }
  int inserted() const { return inserted_; }
  // How many decisions at most followed one that was applied, before one that wanted nothing; and which of those that
  // wanted nothing would write another status, although nothing is to happen that writes it.
  int most_again() const { return most_again_; }
  // Of those that followed, what one before had done, by the index of its kind among the actions.
  const std::string& repeated() const { return repeated_; }
  const std::string& unwritten() const { return unwritten_; }
  // Where the execution decided otherwise.
  const std::string& otherwise() const { return mirror_.otherwise(); }
  std::size_t held() const {
    std::size_t count = 0;
    for (const auto& [name, pod] : pods_) count += pod.holds_result ? 1U : 0U;
    return count;
  }

  void step() {
    now_ += Millis{dice_.below(1'500)};
    for (auto& [name, pod] : pods_) advance(pod);
    if (dice_.one_in(10)) {  // another operator, with nothing in mind
      last_commit_.reset();
      mirror_.restart();
      read_.clear();
    }
    if (dice_.one_in(120)) spec_.cancel = api::RunCancel{"", dice_.one_in(2), !without_finally() && dice_.one_in(2)};
    if (dice_.one_in(40)) spec_.skip.push_back("t" + std::to_string(dice_.below(8)));
    if (dice_.one_in(80)) spec_.skip.push_back("last" + std::to_string(1 + dice_.below(2)));
    if (dice_.one_in(10)) spec_.suspend = !spec_.suspend;
    if (dice_.one_in(6)) say("t" + std::to_string(dice_.below(8)), dice_.one_in(2) ? "bob" : "carol", dice_.one_in(4));
    act(dice_.one_in(4), true);
  }
  // Everything is seen, and nothing else happens.
  void calm_step() {
    now_ += Millis{1'500};
    spec_.suspend = false;
    for (auto& [name, pod] : pods_) {
      if (pod.phase == PodPhase::pending || pod.phase == PodPhase::running) end(pod, true);
    }
    for (const api::Task& task : plan_.pipeline.tasks) {
      if (task.approval) say(task.name, "dave", false), say(task.name, "erin", false);
    }
    int again = 0;
    applied_.clear();
    while (act(false, false) && again < 20) ++again;
    most_again_ = std::max(most_again_, again);
  }

 private:
  void say(const std::string& task, const std::string& user, bool rejects) {
    approvals_.push_back(
        {task + "-" + user, now_, {{kRun.name, kUid}, task, rejects ? "Reject" : "Approve", user, ""}});
  }
  // Items that an earlier run did, as reconcile::taken_over() does.
  void take_over(const api::Task& task) {
    TaskEntry& entry = committed_.tasks[task.name];
    committed_.phase = RunPhase::running;
    entry.state = TaskState::running;
    entry.items.resize(task.for_each->items.size());
    for (Entry& item : entry.items) {
      if (dice_.one_in(2)) item.state = TaskState::succeeded;
    }
  }
  void advance(PodObservation& pod) {
    if (pod.phase == PodPhase::succeeded || pod.phase == PodPhase::failed) return;
    if (pod.deleting && dice_.one_in(2)) return end(pod, false);
    switch (dice_.below(6)) {
      case 0:
        pod.phase = PodPhase::running;
        pod.started = now_;
        break;
      case 1:
        return end(pod, true);
      case 2:
        return end(pod, false);
      default:
        break;
    }
  }
  void end(PodObservation& pod, bool well) {
    pod.phase = well ? PodPhase::succeeded : PodPhase::failed;
    pod.exit_code = well ? 0 : 1;
    pod.finished = now_;
    if (!well || !task_of(pod).large_results) return;
    if (!logs_.contains(pod.name)) logs_[pod.name] = R"({"text":")" + pod.name + R"("})";
    pod.handed_on = R"({"ok":true,"sha256":")" + sha256_hex(logs_[pod.name]) + R"("})";
  }
  const api::Task& task_of(const PodObservation& pod) const { return find(pod.task); }
  const api::Task& find(const std::string& name) const {
    for (const auto* tasks : {&plan_.pipeline.tasks, &plan_.pipeline.finally}) {
      for (const api::Task& task : *tasks) {
        if (task.name == name) return task;
      }
    }
    throw std::logic_error("no task " + name);
  }

  // Whether there was something to do.
  bool act(bool stale, bool lossy) {
    Observed observed{.run = kRun,
                      .run_uid = kUid,
                      .plan = plan_,
                      .params = {},
                      .spec = spec_,
                      .committed = committed_,
                      .pods = {},
                      .rejections = {},
                      .gone = {},
                      .approvals = approvals_,
                      .guard = {ApprovalGuard::State::in_force, "", {}},
                      .created = {},
                      .now = now_,
                      .started = WallTime{},
                      .last_commit = last_commit_};
    for (const auto& [name, pod] : pods_) {
      if (!stale || dice_.one_in(2)) observed.pods.push_back(pod);
    }
    observed.texts.assign(stored_.begin(), stored_.end());
    observed.texts.insert(observed.texts.end(), read_.begin(), read_.end());
    const Decision decision = decide(observed);
    mirror_.compare(observed, decision);
    for (const Action& action : decision.actions) {
      if (lossy && dice_.one_in(8)) continue;  // lost on the way, or the operator died before it
      if (!lossy) expect_new(action, decision.ledger);
      if (const auto* create = std::get_if<CreatePod>(&action)) {
        expect_in_order(*create, decision.ledger);
        make(*create);
      }
      if (const auto* gone = std::get_if<DeletePod>(&action)) pods_.at(gone->name).deleting = true;
      if (const auto* released = std::get_if<ReleasePod>(&action)) release(released->name);
      if (const auto* results = std::get_if<FetchResults>(&action)) {
        (results->store ? stored_ : read_).insert(logs_.at(results->pod));
      }
      if (std::holds_alternative<CommitStatus>(action)) {
        for (const auto& [name, entry] : decision.ledger.tasks) expect_stored(name, entry);
        committed_ = decode(encode(decision.ledger)).value();
        last_commit_ = now_;
      }
    }
    if (!decision.actions.empty()) return true;
    const Ledger wanted = decode(encode(decision.ledger)).value();  // as a commit would have it
    if (!stale && !(wanted == committed_) && !decision.wake_at) unwritten_ += encode(wanted) + "; ";
    return false;
  }
  // Until time passes, an action that was applied is not wanted again, nor a commit of what is committed.
  void expect_new(const Action& action, const Ledger& ledger) {
    const bool is_commit = std::holds_alternative<CommitStatus>(action);
    const bool is_known = std::find(applied_.begin(), applied_.end(), action) != applied_.end();
    if (is_commit ? ledger == committed_ : is_known) repeated_ += std::to_string(action.index()) + "; ";
    applied_.push_back(action);
  }
  // That a predecessor ended is committed, or an ended pod tells it; or it never ran.
  bool has_ended(const std::string& task, const Ledger& ledger) const {
    const TaskEntry& entry = ledger.tasks.at(task);
    if (entry.items.empty()) return has_ended({task, kNoItem, entry.attempt}, entry, committed_entry(task, kNoItem));
    for (std::size_t i = 0; i < entry.items.size(); ++i) {
      const auto item = static_cast<std::int64_t>(i);
      if (!has_ended({task, item, entry.items[i].attempt}, entry.items[i], committed_entry(task, item))) return false;
    }
    return true;
  }
  const Entry* committed_entry(const std::string& task, std::int64_t item) const {
    const auto at = committed_.tasks.find(task);
    if (at == committed_.tasks.end()) return nullptr;
    if (item == kNoItem) return &at->second;
    const auto index = static_cast<std::size_t>(item);
    return index < at->second.items.size() ? &at->second.items[index] : nullptr;
  }
  bool has_ended(const Attempt& attempt, const Entry& entry, const Entry* committed) const {
    if (committed != nullptr && committed->attempt == entry.attempt &&
        (ended(committed->state) || committed->state == TaskState::waiting)) {
      return true;
    }
    if (entry.state == TaskState::skipped || entry.state == TaskState::cancelled) return true;
    const auto pod = pods_.find(pod_name(kRun, kUid, attempt));
    return pod != pods_.end() &&
           (pod->second.phase == PodPhase::succeeded || pod->second.phase == PodPhase::failed || pod->second.deleting);
  }
  void expect_in_order(const CreatePod& create, const Ledger& ledger) {
    const auto expect = [&](const std::string& before) {
      if (!has_ended(before, ledger)) too_early_ += create.task + " before " + before + "; ";
    };
    for (const api::Task& task : plan_.pipeline.tasks) {
      if (task.name == create.task) {
        for (const std::string& need : task.depends_on) expect(need.substr(0, need.find('.')));
      }
      if (create.task.starts_with("last")) expect(task.name);
    }
  }
  // What the ledger refers to is there.
  void expect_stored(const std::string& task, const Entry& entry) {
    const bool there = std::any_of(stored_.begin(), stored_.end(),
                                   [&](const std::string& text) { return sha256_hex(text) == entry.stored; });
    if (!entry.stored.empty() && !there) not_stored_ += task + "; ";
  }
  void make(const CreatePod& create) {
    for (const std::string& arg : create.args) {
      if (arg.empty()) not_stored_ += "for " + create.task + "; ";
      ++inserted_;
    }
    if (pods_.contains(create.pod_name)) return;  // 409
    ++made_[create.pod_name];
    pods_[create.pod_name] = testing::made_pod(create, now_);
  }
  // A pod that is let go may disappear at any time.
  void release(const std::string& name) {
    pods_.at(name).holds_result = false;
    if (dice_.one_in(2)) pods_.erase(name);
  }

  const api::RunPlan& plan_;
  Dice& dice_;
  std::map<std::string, PodObservation> pods_;
  std::map<std::string, int> made_;
  std::map<std::string, std::string> logs_;  // of sidecars, by pod
  std::set<std::string> stored_, read_;      // large results, in the cluster and in this process
  std::string not_stored_;
  int inserted_ = 0;
  Ledger committed_;
  std::optional<WallTime> last_commit_;
  api::PipelineRunSpec spec_;
  std::vector<GivenApproval> approvals_;
  std::vector<Action> applied_;
  int most_again_ = 0;
  std::string repeated_;
  std::string unwritten_;
  std::string too_early_;
  Mirror mirror_;
  WallTime now_{};
};

TEST(RandomRuns, EndAndStartNoAttemptTwice) {
  constexpr int kRuns = testing::kSanitized ? 250 : 1'000;
  constexpr int kMostAgain = 4;
  int attempts = 0, inserted = 0, approved = 0, rejected = 0;
  for (unsigned seed = 0; seed < kRuns; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Dice dice{seed};
    const api::RunPlan plan = any_plan(dice);
    Cluster cluster{plan, dice};
    for (int i = 0; i < 60; ++i) cluster.step();
    for (int i = 0; i < 100 && !(cluster.over() && cluster.held() == 0); ++i) cluster.calm_step();
    ASSERT_TRUE(cluster.over());
    ASSERT_EQ(cluster.held(), 0U);
    for (const auto& [name, times] : cluster.made()) ASSERT_EQ(times, 1) << name;
    for (const api::Task& task : plan.pipeline.tasks) {
      const TaskEntry& entry = cluster.committed().tasks.at(task.name);
      ASSERT_TRUE(ended(entry.state)) << task.name;
      approved += entry.reason == "Approved" ? 1 : 0;
      rejected += entry.reason == "Rejected" ? 1 : 0;
      const std::int64_t restarts = task.retry.infrastructure_limit.value_or(task.retry.limit);
      ASSERT_LE(entry.attempt, task.retry.limit + restarts + 1) << task.name;
      for (const Entry& item : entry.items) {
        ASSERT_TRUE(ended(item.state)) << task.name;
        ASSERT_LE(item.attempt, task.retry.limit + restarts + 1) << task.name;
      }
    }
    for (const api::Task& task : plan.pipeline.finally) {
      const TaskEntry& entry = cluster.committed().tasks.at(task.name);
      ASSERT_TRUE(ended(entry.state)) << task.name;
      if (!cluster.without_finally()) {
        ASSERT_NE(entry.state, TaskState::cancelled) << task.name;
      }
    }
    ASSERT_EQ(cluster.too_early(), "");
    ASSERT_EQ(cluster.not_stored(), "");
    ASSERT_EQ(cluster.repeated(), "");
    ASSERT_LE(cluster.most_again(), kMostAgain);
    ASSERT_EQ(cluster.unwritten(), "");
    ASSERT_EQ(cluster.otherwise(), "");
    inserted += cluster.inserted();
    attempts += static_cast<int>(cluster.made().size());
  }
  EXPECT_GT(attempts, 3 * kRuns) << "too little happened to mean anything";
  EXPECT_GT(inserted, kRuns / 20) << "too little happened to mean anything";
  EXPECT_GT(approved, kRuns / 20) << "too little happened to mean anything";
  EXPECT_GT(rejected, kRuns / 100) << "too little happened to mean anything";
}

}  // namespace
}  // namespace atelier::engine
