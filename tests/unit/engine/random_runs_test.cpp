// Random plans, random ends of pods, caches that lag, and an operator that forgets what it did not commit: whatever
// happens, the run ends, and no attempt is started twice.
#include <gtest/gtest.h>

#include <random>

#include "atelier/engine/decide.h"

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

api::RunPlan any_plan(Dice& dice) {
  api::RunPlan plan;
  const int tasks = 1 + dice.below(7);
  for (int i = 0; i < tasks; ++i) {
    api::Task task;
    task.name = "t" + std::to_string(i);
    task.retry.limit = dice.below(3);
    task.retry.backoff.initial = Millis{1'000};
    for (int j = 0; j < i; ++j) {
      if (dice.one_in(3)) task.depends_on.push_back("t" + std::to_string(j));
    }
    plan.pipeline.tasks.push_back(std::move(task));
  }
  return plan;
}

class Cluster {
 public:
  Cluster(const api::RunPlan& plan, Dice& dice) : plan_(plan), dice_(dice) {}

  bool over() const { return ended(committed_.phase); }
  const Ledger& committed() const { return committed_; }
  const std::map<std::string, int>& made() const { return made_; }
  std::size_t held() const {
    std::size_t count = 0;
    for (const auto& [name, pod] : pods_) count += pod.holds_result ? 1U : 0U;
    return count;
  }

  void step() {
    now_ += Millis{dice_.below(1'500)};
    for (auto& [name, pod] : pods_) advance(pod);
    if (dice_.one_in(10)) last_commit_.reset();  // another operator, with nothing in mind
    if (dice_.one_in(40)) cancelled_ = true;
    act(dice_.one_in(4), true);
  }
  // Everything is seen, and nothing else happens.
  void calm_step() {
    now_ += Millis{1'500};
    for (auto& [name, pod] : pods_) {
      if (pod.phase == PodPhase::pending || pod.phase == PodPhase::running) end(pod, true);
    }
    act(false, false);
  }

 private:
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
  }

  void act(bool stale, bool lossy) {
    Observed observed{.run = kRun,
                      .run_uid = kUid,
                      .plan = plan_,
                      .params = {},
                      .cancel = cancelled_,
                      .cancel_reason = "",
                      .committed = committed_,
                      .pods = {},
                      .rejections = {},
                      .gone = {},
                      .now = now_,
                      .started = WallTime{},
                      .last_commit = last_commit_};
    for (const auto& [name, pod] : pods_) {
      if (!stale || dice_.one_in(2)) observed.pods.push_back(pod);
    }
    const Decision decision = decide(observed);
    for (const Action& action : decision.actions) {
      if (lossy && dice_.one_in(8)) continue;  // lost on the way, or the operator died before it
      if (const auto* create = std::get_if<CreatePod>(&action)) make(*create);
      if (const auto* gone = std::get_if<DeletePod>(&action)) pods_.at(gone->name).deleting = true;
      if (const auto* released = std::get_if<ReleasePod>(&action)) release(released->name);
      if (std::holds_alternative<CommitStatus>(action)) {
        committed_ = decision.ledger;
        last_commit_ = now_;
      }
    }
  }
  void make(const CreatePod& create) {
    if (pods_.contains(create.pod_name)) return;  // 409
    ++made_[create.pod_name];
    PodObservation pod;
    pod.name = create.pod_name;
    pod.uid = Uid{create.pod_name};
    pod.task = create.task;
    pod.attempt = create.attempt;
    pod.created = now_;
    pod.holds_result = true;
    pods_[create.pod_name] = pod;
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
  Ledger committed_;
  std::optional<WallTime> last_commit_;
  bool cancelled_ = false;
  WallTime now_{};
};

TEST(RandomRuns, EndAndStartNoAttemptTwice) {
  int attempts = 0;
  for (unsigned seed = 0; seed < 1'000; ++seed) {
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
      ASSERT_LE(entry.attempt, task.retry.limit + 1) << task.name;
    }
    attempts += static_cast<int>(cluster.made().size());
  }
  EXPECT_GT(attempts, 3'000) << "too little happened to mean anything";
}

}  // namespace
}  // namespace atelier::engine
