// What a run of many items costs: each change of each pod is told to the execution, which decides at once. Its commits
// are encoded, decoded and told as well. The largest run is measured once more with results of its items, of which the
// ledger has room for few: the rest is stored in pages. Prints one line a run, and how the cost of a change grows.
#include <malloc.h>
#include <time.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <deque>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "atelier/api/codec.h"
#include "atelier/engine/execution.h"
#include "measure.h"
#include "support/made_pod.h"

namespace atelier::bench {
namespace {

// CPU time of this thread, as far as the kernel counts it: what else the machine does matters less.
struct Clock {
  using duration = std::chrono::nanoseconds;
  using time_point = std::chrono::time_point<Clock>;
  static time_point now() {
    timespec time{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return time_point{std::chrono::seconds{time.tv_sec} + duration{time.tv_nsec}};
  }
};
using Micros = std::chrono::duration<double, std::micro>;
using engine::Execution;
using engine::PodObservation;
using engine::PodPhase;

constexpr Millis kBetweenChanges{1};  // of the run's own time: a thousand changes a second

struct Cost {
  double whole = 0;    // seconds, of all decisions and commits
  double change = 0;   // microseconds, of one decision that commits nothing, the median
  double slowest = 0;  // microseconds, of one decision
  double commit = 0;   // microseconds, of making the status and reading it back, the median
  std::size_t decisions = 0;
  std::size_t commits = 0;
  std::size_t status = 0;  // bytes, of the largest
  std::size_t heap = 0;    // bytes, of the execution that has seen all pods
  std::size_t pages = 0;   // of results
};

class Run {
 public:
  Run(std::size_t items, std::size_t parallel, std::size_t result)
      : plan_(plan(parallel, result > 0)),
        execution_(
            std::make_unique<Execution>(Execution::Identity{{"team-a", "run"}, Uid{"run-uid"}, WallTime{}, WallTime{}},
                                        plan_, std::map<std::string, std::string>{{"n", std::to_string(items)}})),
        result_(result) {}

  Cost finish() {
    decide();
    while (!ended(committed_.phase)) {
      now_ += kBetweenChanges;
      if (changes_.empty()) {
        now_ += Millis{1'000};
      } else {
        advance(changes_.front());
        changes_.pop_front();
      }
      decide();
    }
    cost_.change = median(changed_);
    cost_.commit = median(committed_in_);
    const std::size_t with = mallinfo2().uordblks;
    execution_.reset();
    cost_.heap = with - mallinfo2().uordblks;
    return cost_;
  }

 private:
  static std::shared_ptr<const api::RunPlan> plan(std::size_t parallel, bool with_results) {
    auto plan = std::make_shared<api::RunPlan>();
    api::Param n;
    n.name = "n";
    n.type = "int";
    plan->pipeline.params = {n};
    api::Task process;
    process.name = "process";
    process.command = {"python3", "process.py"};
    process.args = {"${item}", "--run", "${run.name}"};
    process.retry.limit = 1;
    if (with_results) process.results = {{"rows", "string"}};
    process.for_each = api::ForEach{{}, "lists.range(params.n)", static_cast<std::int64_t>(parallel)};
    api::Task report;
    report.name = "report";
    report.depends_on = {"process"};
    if (with_results) report.when = "size(tasks.process.results.rows) > 0";
    plan->pipeline.tasks = {process, report};
    return plan;
  }

  // One in fifty fails at first.
  void advance(const std::string& name) {
    const auto at = pods_.find(name);
    if (at == pods_.end()) return;
    PodObservation& pod = at->second;
    if (pod.phase == PodPhase::pending) {
      pod.phase = PodPhase::running;
      pod.started = now_;
      changes_.push_back(name);
    } else {
      const bool fails = pod.attempt == 1 && pod.item % 50 == 7;
      pod.phase = fails ? PodPhase::failed : PodPhase::succeeded;
      pod.exit_code = fails ? 1 : 0;
      if (fails) {
        pod.termination_message = "Traceback: no connection to host " + std::to_string(pod.item);
      } else if (result_ > 0) {
        const std::string number = std::to_string(pod.item);
        pod.termination_message = R"({"rows":")" + number + std::string(result_ - number.size(), 'x') + R"("})";
      }
      pod.finished = now_;
    }
    told_ = tell([&] { execution_->see(pod); });
  }

  template <class What>
  double tell(What what) {
    const auto began = Clock::now();
    what();
    const double took = Micros(Clock::now() - began).count();
    cost_.whole += took / 1e6;
    return took;
  }

  void decide() {
    Execution::Step step;
    const double took = tell([&] { step = execution_->step(now_); });
    ++cost_.decisions;
    cost_.slowest = std::max(cost_.slowest, took);
    changed_.push_back(took + std::exchange(told_, 0));
    for (const engine::Action& action : step.actions) {
      if (const auto* create = std::get_if<engine::CreatePod>(&action)) make(*create);
      if (const auto* released = std::get_if<engine::ReleasePod>(&action)) release(released->name);
      if (const auto* page = std::get_if<engine::StoreResults>(&action)) store(page->text);
      if (std::holds_alternative<engine::CommitStatus>(action)) commit();
    }
  }

  void make(const engine::CreatePod& create) {
    PodObservation pod = testing::made_pod(create, now_);
    changes_.push_back(pod.name);
    tell([&] { execution_->see(pod); });
    pods_.emplace(pod.name, std::move(pod));
  }
  void release(const std::string& name) {
    PodObservation& pod = pods_.at(name);
    pod.holds_result = false;
    tell([&] { execution_->see(pod); });
  }
  void store(const std::string& page) {
    tell([&] { execution_->see_stored(page); });
    ++cost_.pages;
  }
  void commit() {
    std::string state;
    engine::RunStatus status;
    committed_in_.push_back(tell([&] {
      status = execution_->status();
      state = engine::encode_to_fit(execution_->ledger());
      committed_ = engine::decode(state).value();
      execution_->see(committed_);
      execution_->see_commit(now_);
    }));
    ++cost_.commits;
    api::PipelineRun run;
    run.status.phase = status.phase;
    run.status.counts = status.counts;
    run.status.tasks = status.tasks;
    run.status.state = state;
    run.status.conditions = {status.succeeded};
    cost_.status = std::max(cost_.status, api::serialize(run)["status"].dump().size());
  }

  std::shared_ptr<const api::RunPlan> plan_;
  std::unique_ptr<Execution> execution_;
  std::size_t result_;  // characters of an item's
  std::map<std::string, PodObservation> pods_;
  std::deque<std::string> changes_;  // pods that go on, in turn
  engine::Ledger committed_;
  WallTime now_{std::chrono::hours{24 * 365 * 56}};
  double told_ = 0;  // microseconds, since the last decision
  std::vector<double> changed_, committed_in_;
  Cost cost_;
};

Cost measure(std::size_t items, std::size_t parallel, std::size_t result = 0) {
  const Cost cost = Run{items, parallel, result}.finish();
  std::printf(
      "%6zu items: %6.2f s for %zu decisions; one change %6.1f us (slowest decision %5.2f ms); %zu commits of %5.2f "
      "ms, status at most %zu bytes; %zu bytes of heap an item; %zu pages of results\n",
      items, cost.whole, cost.decisions, cost.change, cost.slowest / 1'000, cost.commits, cost.commit / 1'000,
      cost.status, cost.heap / items, cost.pages);
  return cost;
}

}  // namespace
}  // namespace atelier::bench

int main(int argc, char** argv) {
  CLI::App app{"Measures runs of many items.", "bench_fan_out"};
  std::size_t items = 10'000;
  std::size_t parallel = 200;
  app.add_option("--items", items, "of the larger run; the smaller one has a hundredth");
  app.add_option("--parallel", parallel, "items at a time");
  CLI11_PARSE(app, argc, argv);
  const auto small = atelier::bench::measure(std::max<std::size_t>(items / 100, 1), parallel);
  const auto large = atelier::bench::measure(items, parallel);
  const auto with_results = atelier::bench::measure(items, parallel, 100);
  std::printf("a change in a run of %zu items costs %.2f times what it costs in one of %zu\n", items,
              large.change / small.change, std::max<std::size_t>(items / 100, 1));
  using atelier::bench::within;
  const bool steady = within("one change, in microseconds,", std::max(large.change, with_results.change), 3'000);
  const std::size_t status = std::max(large.status, with_results.status);
  const bool small_status = within("the status, in bytes,", static_cast<double>(status), 64 << 10);
  const double whole = std::max(large.whole, with_results.whole) * 1e4 / static_cast<double>(items);
  return within("a whole run, in seconds for 10,000 items,", whole, 2) && steady && small_status ? 0 : 1;
}
