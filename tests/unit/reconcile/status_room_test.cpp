#include "reconcile/status_room.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>

#include "atelier/api/codec.h"

namespace atelier::reconcile {
namespace {

// What no compression makes smaller.
std::string noise(std::mt19937& random, std::size_t size) {
  std::string text(size, ' ');
  for (char& c : text) c = static_cast<char>(std::uniform_int_distribution<int>(33, 126)(random));
  return text;
}

// Failures that fill the largest state with what can be left out of it.
constexpr int kFailures = 420;
engine::Ledger large() {
  std::mt19937 random{7};  // the same in every run
  engine::Ledger ledger;
  for (int i = 0; i < kFailures; ++i) {
    engine::TaskEntry& entry = ledger.tasks[noise(random, 40)];
    entry.state = engine::TaskState::failed;
    entry.reason = "TaskFailed";
    entry.message = noise(random, 250);
    entry.started = entry.finished = WallTime{WallTime::duration{static_cast<std::int64_t>(random())}};
  }
  return ledger;
}

api::PipelineRunStatus status() {
  std::mt19937 random{11};
  api::PipelineRunStatus status;
  status.observed_generation = 7;
  status.phase = "Running";
  status.start_time = WallTime{};
  status.counts = {500, 0, 0, 0, 500, 0, 0};
  status.pin = {std::string(253, 'r'), std::string(63, 'w'), std::string(300, 'i'), std::string(128, 'l'), {}};
  for (int i = 0; i < 64; ++i) {
    api::TaskStatus& row = status.tasks.emplace_back();
    row.name = "task-" + std::to_string(i);
    row.state = "Failed";
    row.attempt = 1;
    row.reason = "TaskFailed";
    row.message = noise(random, 200) + std::string(56, '"');
    row.pod = row.name + "-pod";
  }
  for (const char* type : {"Succeeded", "RequestRefused"}) {
    meta::Condition& condition = status.conditions.emplace_back();
    condition.type = type;
    condition.reason = "Running";
    condition.message = std::string(1'000, '"');
  }
  return status;
}

std::size_t size_of(const api::PipelineRunStatus& status) { return api::serialize(status).dump().size(); }

TEST(StatusRoom, IsForAllRowsBesideASmallState) {
  api::PipelineRunStatus all = status();
  engine::Ledger ledger;
  ledger.phase = engine::RunPhase::running;
  fit_status(all, ledger);
  EXPECT_EQ(all.tasks, status().tasks);
  EXPECT_EQ(all.state, engine::encode(ledger));
}

TEST(StatusRoom, IsForFewerRowsBesideTheLargestStateTheFirstOnes) {
  api::PipelineRunStatus least = status();
  std::mt19937 random{13};
  engine::Ledger ledger;
  ledger.tasks["a"].results["r"] = noise(random, 45'000);
  fit_status(least, ledger);
  EXPECT_EQ(engine::decode(least.state).value(), ledger);
  EXPECT_GT(least.state.size(), 48U << 10U);
  EXPECT_LE(size_of(least), kLargestStatus);
  ASSERT_GT(least.tasks.size(), 0U);
  EXPECT_LT(least.tasks.size(), 64U);
  for (std::size_t i = 0; i < least.tasks.size(); ++i) EXPECT_EQ(least.tasks[i], status().tasks[i]);
  least.tasks.push_back(status().tasks[least.tasks.size()]);
  EXPECT_GT(size_of(least), kLargestStatus) << "one more would have fitted";
}

TEST(StatusRoom, IsNeverMoreThanTheStatusMayHave) {
  api::PipelineRunStatus whole = status();
  fit_status(whole, large());
  EXPECT_LE(size_of(whole), kLargestStatus);
  EXPECT_TRUE(engine::decode(whole.state).value().trimmed);
}

TEST(StatusRoom, IsWhatTakenOverParametersLeave) {
  api::PipelineRunStatus whole = status();
  for (int i = 0; i < 4; ++i) whole.pin->params["p" + std::to_string(i)] = std::string(4'080, 'x');
  whole.tasks.clear();
  const std::size_t bare = size_of(whole);
  ASSERT_GT(bare, 16U << 10U);
  ASSERT_GT(engine::encode_to_fit(large()).size() + bare, kLargestStatus) << "it has to be made to fit";
  fit_status(whole, large());
  EXPECT_LE(size_of(whole), kLargestStatus);
  const engine::Ledger kept = engine::decode(whole.state).value();
  EXPECT_EQ(std::ssize(kept.tasks), kFailures);
  for (const auto& [name, entry] : kept.tasks) EXPECT_EQ(entry.reason, "TaskFailed");
}

TEST(StatusRoom, IsLeftForTheStateBesideParametersThatWereTakenOverBeforeTheyHadALimit) {
  api::PipelineRunStatus whole = status();
  for (int i = 0; i < 100; ++i) whole.pin->params["p" + std::to_string(i)] = std::string(4'096, 'x');
  fit_status(whole, large());
  EXPECT_TRUE(whole.tasks.empty());
  EXPECT_EQ(engine::decode(whole.state).value().tasks.size(), std::size_t{kFailures});
}

}  // namespace
}  // namespace atelier::reconcile
