#include <gtest/gtest.h>

#include <random>

#include "atelier/engine/ledger.h"

namespace atelier::engine {
namespace {

// What no compression makes smaller, such as the checksums and tokens at the end of a log.
std::string noise(std::mt19937& random, std::size_t size) {
  std::string text(size, ' ');
  for (char& c : text) c = static_cast<char>(std::uniform_int_distribution<int>(33, 126)(random));
  return text;
}

Ledger noisy(std::size_t tasks, TaskState state, std::size_t message) {
  std::mt19937 random{7};  // the same in every run
  Ledger ledger;
  for (std::size_t i = 0; i < tasks; ++i) {
    TaskEntry& entry = ledger.tasks[noise(random, 40)];
    entry.state = state;
    entry.attempt = 3;
    entry.reason = "TaskFailed";
    entry.message = noise(random, message);
    entry.started = WallTime{WallTime::duration{1'767'225'600'000'000 + static_cast<std::int64_t>(random())}};
    entry.finished = WallTime{WallTime::duration{1'767'225'700'000'000 + static_cast<std::int64_t>(random())}};
  }
  return ledger;
}

TEST(Fit, ASmallLedgerStaysAsItIs) {
  Ledger ledger = noisy(20, TaskState::failed, 250);
  const Ledger before = ledger;
  fit(ledger);
  EXPECT_EQ(ledger, before);
}

TEST(Fit, FiveHundredFailuresThatNothingCompressesFit) {
  Ledger ledger = noisy(500, TaskState::failed, 250);
  ASSERT_GT(encode(ledger).size(), kLargestState);
  fit(ledger);
  EXPECT_LE(encode(ledger).size(), kLargestState);
  EXPECT_TRUE(ledger.trimmed);
}

TEST(Fit, ResultsOfTenThousandItemsThatNothingCompressesFitWithoutBeingTrimmed) {
  std::mt19937 random{11};
  Ledger ledger;
  std::vector<Entry>& items = ledger.tasks["process"].items;
  items.resize(10'000);
  for (Entry& item : items) {
    item.state = TaskState::succeeded;
    item.attempt = 1 + static_cast<std::int64_t>(random() % 2);
    item.results["rows"] = noise(random, 1);
  }
  const Ledger before = ledger;
  fit(ledger);
  EXPECT_EQ(ledger, before);
  EXPECT_LE(encode(ledger).size(), kLargestState);
}

TEST(Fit, ShorterMessagesAreBetterThanNone) {
  Ledger ledger = noisy(250, TaskState::failed, 250);
  ASSERT_GT(encode(ledger).size(), kLargestState);
  fit(ledger);
  EXPECT_LE(encode(ledger).size(), kLargestState);
  for (const auto& [name, entry] : ledger.tasks) EXPECT_EQ(entry.message.size(), 64U);
}

TEST(Fit, WhatRunsKeepsItsMessageAsLongAsWhatEndedHasOne) {
  Ledger ledger = noisy(400, TaskState::failed, 250);
  TaskEntry& waiting = ledger.tasks["waiting"];
  waiting.state = TaskState::running;
  waiting.message = std::string(250, 'x');
  fit(ledger);
  EXPECT_EQ(ledger.tasks["waiting"].message.size(), 250U);
}

TEST(Fit, ResultsAreKept) {
  std::mt19937 random{11};
  Ledger ledger = noisy(400, TaskState::failed, 250);
  ledger.tasks["extract"].results["rows"] = noise(random, 24U << 10U);
  fit(ledger);
  EXPECT_LE(encode(ledger).size(), kLargestState);
  EXPECT_EQ(ledger.tasks["extract"].results["rows"].size(), 24U << 10U);
}

TEST(Fit, WhatFitsIsNotChangedAgain) {
  for (const TaskState state : {TaskState::failed, TaskState::running}) {
    Ledger ledger = noisy(500, state, 250);
    fit(ledger);
    const Ledger once = ledger;
    fit(ledger);
    EXPECT_EQ(ledger, once);
  }
}

}  // namespace
}  // namespace atelier::engine
