#include "engine/results.h"

#include <gtest/gtest.h>

namespace atelier::engine {
namespace {

ReadResults read(std::string_view message, const std::set<std::string>& consumed = {"rows"}) {
  api::Task task;
  task.name = "extract";
  task.results = {{"rows"}, {"path"}};
  return read_results(task, message, consumed, 0);
}

TEST(Results, ThoseThatOthersUseAreKept) {
  const ReadResults results = read(R"({"rows": "5", "path": "/x", "more": 1})");
  EXPECT_EQ(results.problem, "");
  EXPECT_EQ(results.kept, (Results{{"rows", "5"}}));
}

TEST(Results, WhatIsNoStringIsKeptAsJson) {
  EXPECT_EQ(read(R"({"rows": 5, "path": ""})").kept.at("rows"), "5");
  EXPECT_EQ(read(R"({"rows": [1, 2], "path": ""})").kept.at("rows"), "[1,2]");
  EXPECT_EQ(read(R"({"rows": true, "path": ""})").kept.at("rows"), "true");
}

TEST(Results, EveryDeclaredOneMustBeThere) {
  EXPECT_EQ(read(R"({"rows": "5"})").problem, "ResultsMissing");
  EXPECT_NE(read(R"({"rows": "5"})").message.find("\"path\""), std::string::npos);
  EXPECT_EQ(read("").problem, "ResultsMissing");
}

TEST(Results, AMessageThatTheKubeletCutIsToldApart) {
  EXPECT_EQ(read("{\"rows\": \"" + std::string(4096, 'x')).problem, "ResultsTruncated");
  EXPECT_EQ(read("Traceback: no").problem, "ResultsInvalid");
  EXPECT_EQ(read("[1]").problem, "ResultsInvalid");
}

TEST(Results, WhatAllTasksHandOnHasABudget) {
  api::Task task;
  task.results = {{"rows"}};
  constexpr std::size_t kKept = 18'000;
  const std::string message = "{\"rows\": \"" + std::string(3'000, 'x') + "\"}";
  EXPECT_EQ(read_results(task, message, {"rows"}, kKept).problem, "ResultsTooLarge");
  EXPECT_EQ(read_results(task, message, {}, kKept).problem, "");
}

// Names are written once in the ledger: of a thousand items each may hand on 19 characters.
TEST(Results, OfAnItemCountWithoutTheirNames) {
  api::Task task;
  task.results = {{"a-long-name-of-a-result"}};
  task.for_each.emplace();
  const std::string message = R"({"a-long-name-of-a-result": "1234567890123456789"})";
  std::size_t kept = 0;
  for (int i = 0; i < 1'000; ++i) {
    const ReadResults read = read_results(task, message, {"a-long-name-of-a-result"}, kept);
    ASSERT_EQ(read.problem, "") << i;
    kept += bytes_of(read.kept, true);
  }
  EXPECT_EQ(kept, 20'000U);
}

}  // namespace
}  // namespace atelier::engine
