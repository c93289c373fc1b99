// Results of items beyond what the ledger has room for: whatever ends when, and whenever the operator does, what
// follows gets all of them, and the ledger refers to nothing that is not stored.
#include "engine/item_results.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "atelier/base/digest.h"
#include "atelier/engine/execution.h"
#include "engine/results.h"
#include "support/sanitized.h"

namespace atelier::engine {
namespace {

const ObjectKey kRun{"ns", "run"};
const Uid kUid{"uid"};

TEST(ItemResults, ComeBackFromTheirPage) {
  const ItemResults results{{"load", {{0, {{"rows", "1"}, {"text", "\"\\\n\u00e9"}}}, {9'999, {{"rows", ""}}}}},
                            {"other", {{3, {{"rows", "{}"}}}}}};
  EXPECT_EQ(read_page(write_page(results)), results);
  for (const char* other : {"", "[]", R"({"a":1})", R"({"a":{"b":{}}})", R"({"a":{"1":2}})", R"({"a":{"1":{"b":3}}})",
                            R"({"a":{"1 ":{}}})", R"({"a":{"1":{}})"}) {
    EXPECT_EQ(read_page(other), ItemResults{}) << other;
  }
}

TEST(ItemResults, GoIntoTheLedgerThenIntoAPageThenNowhere) {
  using Fit = ItemRoom::Fit;
  ItemRoom room;
  room.in_ledger = kRoomForItems - 10;
  EXPECT_EQ(room.fit(10), Fit::ledger);
  EXPECT_EQ(room.fit(11), Fit::page);
  room.stored = kMostOfItems - kRoomForItems;
  EXPECT_EQ(room.fit(11), Fit::none);
  room.in_ledger = kRoomForItems + 10;  // as an earlier version kept
  EXPECT_EQ(room.fit(0), Fit::ledger);
  room.stored = 0;
  EXPECT_EQ(room.fit(1), Fit::page);
}

// One run of a fan-out and of a task that uses its results, with what the cluster has of it.
class Cluster {
 public:
  Cluster(std::size_t items, unsigned seed, std::size_t most_bytes) : chance_(seed) {
    api::Task& load = plan_->pipeline.tasks.emplace_back();
    load.name = "load";
    load.results = {{"rows"}};
    load.for_each = api::ForEach{{}, "range(" + std::to_string(items) + ")", std::nullopt};
    load.for_each->in.clear();
    for (std::size_t i = 0; i < items; ++i) load.for_each->items.push_back(std::to_string(i));
    api::Task& use = plan_->pipeline.tasks.emplace_back();
    use.name = "use";
    use.args = {"${tasks.load.results.rows}"};
    for (std::size_t i = 0; i < items; ++i) {
      std::string rows = std::to_string(i) + "-";
      for (std::size_t more = below(most_bytes); more > 0; --more) rows += static_cast<char>('a' + below(26));
      rows_.push_back(std::move(rows));
    }
    begin();
  }

  std::size_t below(std::size_t end) { return std::uniform_int_distribution<std::size_t>{0, end - 1}(chance_); }

  // Another process, which knows what the cluster has.
  void begin() {
    execution_.emplace(Execution::Identity{kRun, kUid, {}, WallTime{}}, plan_, std::map<std::string, std::string>{});
    for (const std::string& sha256 : execution_->lacks(committed_)) execution_->see_text(stored_.at(sha256));
    EXPECT_TRUE(execution_->lacks(committed_).empty());
    execution_->see(committed_);
    for (const auto& [name, pod] : pods_) execution_->see(pod);
  }

  void end_item(std::size_t index) {
    const auto pod = pods_.find(pod_name(kRun, kUid, {"load", static_cast<std::int64_t>(index), 1}));
    if (pod == pods_.end() || pod->second.phase != PodPhase::pending) return;
    pod->second.phase = PodPhase::succeeded;
    pod->second.termination_message = R"({"rows":")" + rows_[index] + "\"}";
    execution_->see(pod->second);
  }

  // False when there was nothing to do. Some of it may fail.
  bool step(bool with_failures) {
    now_ += Millis{static_cast<std::int64_t>(100 + below(900))};
    const Execution::Step step = execution_->step(now_, 10'000);
    for (const Action& action : step.actions) apply(action, with_failures);
    if (step.actions.empty() && step.wake_at) now_ = std::max(now_, *step.wake_at);
    return !step.actions.empty() || step.wake_at.has_value();
  }

  const Ledger& ledger() const { return execution_->ledger(); }
  std::size_t held() const { return pods_.size(); }
  std::size_t pages() const { return stored_.size(); }
  std::size_t largest_state() const { return largest_state_; }
  const std::string& wrong() const { return wrong_; }
  // As the task got them that uses them; empty before.
  const std::string& used() const { return used_; }
  std::string all_rows() const {
    std::string out;
    for (const std::string& rows : rows_) out += (out.empty() ? "[\"" : ",\"") + rows + "\"";
    return out + "]";
  }

 private:
  void apply(const Action& action, bool with_failures) {
    if (const auto* create = std::get_if<CreatePod>(&action)) {
      if (!made_.insert(create->pod_name).second) wrong_ += create->pod_name + " was made twice; ";
      if (create->task == "use") used_ = create->args.at(0);
      PodObservation pod;
      pod.name = create->pod_name;
      pod.task = create->task;
      pod.item = create->item;
      pod.attempt = create->attempt;
      pod.holds_result = true;
      if (pod.task == "use") pod.phase = PodPhase::succeeded;
      execution_->see(pods_[pod.name] = pod);
    } else if (const auto* store = std::get_if<StoreResults>(&action)) {
      if (sha256_hex(store->text) != store->sha256) wrong_ += "a page of another content; ";
      if (store->text.size() > api::kLargestResults) wrong_ += "a page that cannot be read again; ";
      const std::size_t fails = with_failures ? below(4) : 3;
      if (fails != 0) {
        stored_[store->sha256] = store->text;
        pages_[store->sha256] = read_page(store->text);
      }
      if (fails == 0) execution_->see(UnstoredResults{"words of the API", now_, ++times_});
      if (fails > 1) execution_->see_stored(store->text);  // else the answer was lost
    } else if (const auto* released = std::get_if<ReleasePod>(&action)) {
      const PodObservation pod = pods_.at(released->name);
      if (!is_kept(pod)) wrong_ += pod.name + " was let go before its results were kept; ";
      pods_.erase(released->name);
      execution_->see_no_pod(pod.name, {pod.task, pod.item, pod.attempt});
    } else if (std::holds_alternative<CommitStatus>(action)) {
      commit(with_failures);
    }
  }

  void commit(bool with_failures) {
    if (with_failures && below(4) == 0) return;
    Ledger written = execution_->ledger();
    fit(written);
    state_ = encode(written);
    largest_state_ = std::max(largest_state_, state_.size());
    for (const Entry& item : written.tasks.at("load").items) {
      if (!item.stored.empty() && !stored_.contains(item.stored)) wrong_ += "refers to what is not stored; ";
    }
    execution_->see_commit(now_);
    committed_ = decode(state_).value();
    if (!execution_->lacks(committed_).empty()) wrong_ += "lacks what it has written itself; ";
    execution_->see(committed_);
  }

  bool is_kept(const PodObservation& pod) const {
    if (pod.task != "load") return true;
    const Entry& item = committed_.tasks.at("load").items.at(static_cast<std::size_t>(pod.item));
    if (item.state != TaskState::succeeded) return item.state == TaskState::failed;
    Results results = item.results;
    if (!item.stored.empty()) results = pages_.at(item.stored).at("load").at(pod.item);
    return results == Results{{"rows", rows_[static_cast<std::size_t>(pod.item)]}};
  }

  std::mt19937 chance_;
  std::shared_ptr<api::RunPlan> plan_ = std::make_shared<api::RunPlan>();
  std::vector<std::string> rows_;
  std::optional<Execution> execution_;
  std::map<std::string, PodObservation> pods_;
  std::map<std::string, std::string> stored_;
  std::map<std::string, ItemResults> pages_;  // the same
  std::set<std::string> made_;
  std::string state_;
  Ledger committed_;  // decoded
  std::string used_, wrong_;
  std::int64_t times_ = 0;
  std::size_t largest_state_ = 0;
  WallTime now_{};
};

TEST(ItemResults, AreAllThereWhateverEndsWhenAndWhoeverIsKilled) {
  constexpr unsigned kRuns = testing::kSanitized ? 60 : 300;
  std::size_t pages = 0;
  for (unsigned seed = 0; seed < kRuns; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Cluster cluster{20, seed, 4'000};
    for (int i = 0; i < 60; ++i) {
      const std::size_t event = cluster.below(12);
      if (event == 0) cluster.begin();
      for (std::size_t j = 0; event > 8 && j < cluster.below(8); ++j) cluster.end_item(cluster.below(20));
      cluster.step(true);
    }
    for (std::size_t i = 0; i < 20; ++i) cluster.end_item(i);
    for (int i = 0; i < 100 && cluster.step(false); ++i) continue;
    ASSERT_EQ(cluster.wrong(), "");
    ASSERT_EQ(cluster.ledger().phase, RunPhase::succeeded);
    ASSERT_EQ(cluster.held(), 0U);
    ASSERT_EQ(cluster.used(), cluster.all_rows());
    pages += cluster.pages();
  }
  EXPECT_GT(pages, 3 * kRuns) << "too little happened to mean anything";
}

// A commit that was under way when the page was stored does not refer to it yet.
TEST(ItemResults, StayInTheirPageUntilItsCommit) {
  const auto plan = std::make_shared<api::RunPlan>();
  api::Task& load = plan->pipeline.tasks.emplace_back();
  load.name = "load";
  load.results = {{"rows"}};
  load.for_each = api::ForEach{{"a", "b", "c"}, "", std::nullopt};
  plan->pipeline.tasks.emplace_back().name = "use";
  plan->pipeline.tasks.back().args = {"${tasks.load.results.rows}"};
  Execution execution{{kRun, kUid, {}, WallTime{}}, plan, {}};
  execution.step(WallTime{});
  const Ledger before = execution.ledger();
  std::vector<PodObservation> pods(3);
  for (std::size_t i = 0; i < 3; ++i) {
    const Attempt attempt{"load", static_cast<std::int64_t>(i), 1};
    pods[i].name = pod_name(kRun, kUid, attempt);
    pods[i].task = attempt.task;
    pods[i].item = attempt.item;
    pods[i].attempt = 1;
    pods[i].phase = PodPhase::succeeded;
    pods[i].termination_message = R"({"rows":")" + std::string(4'000, 'x') + "\"}";
    execution.see(pods[i]);
  }
  std::string page;
  for (const Action& action : execution.step(WallTime{}).actions) {
    if (const auto* store = std::get_if<StoreResults>(&action)) page = store->text;
  }
  ASSERT_NE(page, "");
  execution.see_stored(page);
  execution.see(before);
  execution.step(WallTime{});
  pods[0].deleting = true;
  execution.see(pods[0]);
  execution.step(WallTime{});
  EXPECT_EQ(execution.ledger().tasks.at("load").items.at(0).stored, sha256_hex(page));
}

// In an order that packs worst, and as large as the status can be.
TEST(ItemResults, OfThousandsOfItemsFitIntoTheStatus) {
  constexpr std::size_t kItems = testing::kSanitized ? 1'000 : 9'000;
  Cluster cluster{kItems, 1, 2 * kMostOfItems / 10 * 9 / kItems};
  cluster.step(false);
  std::vector<std::size_t> order(kItems);
  for (std::size_t i = 0; i < kItems; ++i) order[i] = i;
  std::shuffle(order.begin(), order.end(), std::mt19937{2});
  for (std::size_t i = 0; i < kItems; ++i) {
    cluster.end_item(order[i]);
    if (i % 50 == 0) cluster.step(false);
  }
  for (int i = 0; i < 1'000 && cluster.step(false); ++i) continue;
  EXPECT_EQ(cluster.wrong(), "");
  EXPECT_EQ(cluster.ledger().tasks.at("load").state, TaskState::succeeded) << cluster.ledger().tasks.at("load").message;
  EXPECT_GT(cluster.all_rows().size(), kMostOfItems * 8 / 10);
  EXPECT_LE(cluster.pages(), kMostOfItems / kRoomForItems);
  EXPECT_LE(cluster.largest_state(), kLargestState);
}

// As when the operator was away meanwhile. What is around them takes more than they do.
TEST(ItemResults, OfManyItemsThatHaveAllEndedMakePagesThatCanBeReadAgain) {
  constexpr std::size_t kItems = 9'900;
  Cluster cluster{kItems, 1, 15};
  cluster.step(false);
  for (std::size_t i = 0; i < kItems; ++i) cluster.end_item(i);
  for (int i = 0; i < 100 && cluster.step(false); ++i) continue;
  EXPECT_EQ(cluster.wrong(), "");
  EXPECT_EQ(cluster.ledger().tasks.at("load").state, TaskState::succeeded);
  EXPECT_EQ(cluster.held(), 0U);
  EXPECT_GT(cluster.pages(), 1U);
}

TEST(ItemResults, ThatExceedTheLimitFailTheItem) {
  Cluster cluster{1'000, 1, 4'000};
  cluster.step(false);
  for (std::size_t i = 0; i < 1'000; ++i) cluster.end_item(i);
  for (int i = 0; i < 1'000 && cluster.step(false); ++i) continue;
  const TaskEntry& load = cluster.ledger().tasks.at("load");
  EXPECT_EQ(cluster.wrong(), "");
  EXPECT_EQ(load.reason, "ItemsFailed");
  EXPECT_NE(load.message.find("ResultsTooLarge: the results that this run's fan-outs hand on exceed 1 MiB together"),
            std::string::npos)
      << load.message;
  std::size_t kept = 0;
  for (const Entry& item : load.items) kept += bytes_of(item.results, true);
  EXPECT_LE(kept, kMostOfItems + kEnoughOfPage);
  EXPECT_GT(kept, kMostOfItems - 4'096);
}

}  // namespace
}  // namespace atelier::engine
