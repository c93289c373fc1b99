#include "stage/outcome.h"

#include <gtest/gtest.h>

#include "stage/json.h"

namespace atelier::stage {
namespace {

TEST(Outcome, success_is_one_object_in_the_order_given) {
  Outcome outcome("publish");
  outcome.with("release", std::string("abc")).with("files", std::uint64_t{3}).with("changed", true);
  EXPECT_EQ(outcome.json(), R"({"ok":true,"step":"publish","release":"abc","files":3,"changed":true})");
  EXPECT_EQ(outcome.exit_code(), 0);
}

TEST(Outcome, failure_has_reason_message_and_an_exit_code_that_says_who_can_help) {
  Outcome outcome("stage");
  outcome.fail({Reason::dags_folder_missing, "no \"x\""});
  EXPECT_EQ(outcome.json(), R"({"ok":false,"step":"stage","reason":"DagsFolderMissing","message":"no \"x\""})");
  EXPECT_EQ(outcome.exit_code(), 10);
}

TEST(Outcome, every_reason_has_its_name_and_code) {
  const std::pair<Reason, std::pair<const char*, int>> table[] = {
      {Reason::dags_folder_missing, {"DagsFolderMissing", 10}},
      {Reason::dags_folder_empty, {"DagsFolderEmpty", 10}},
      {Reason::dags_not_readable, {"DagsNotReadable", 10}},
      {Reason::dags_refused, {"DagsRefused", 10}},
      {Reason::preflight_failed, {"PreflightFailed", 10}},
      {Reason::dag_id_taken, {"PreflightFailed", 30}},
      {Reason::staging_changed, {"StagingChanged", 10}},
      {Reason::results_missing, {"ResultsMissing", 10}},
      {Reason::results_too_large, {"ResultsTooLarge", 10}},
      {Reason::results_invalid, {"ResultsInvalid", 10}},
      {Reason::results_unreadable, {"ResultsUnreadable", 10}},
      {Reason::storage_not_writable, {"StorageNotWritable", 20}},
      {Reason::storage_full, {"StorageFull", 20}},
      {Reason::storage_failed, {"StorageFailed", 20}},
      {Reason::name_taken, {"NameTaken", 30}},
      {Reason::path_occupied, {"PathOccupied", 30}},
      {Reason::superseded, {"Superseded", 40}},
      {Reason::usage_error, {"UsageError", 2}},
  };
  for (const auto& [reason, expected] : table) {
    EXPECT_EQ(name_of(reason), expected.first);
    EXPECT_EQ(exit_code_of(reason), expected.second);
  }
}

TEST(Outcome, never_exceeds_what_the_kubelet_keeps_and_stays_valid_json) {
  std::string emoji;
  while (emoji.size() < 9000) emoji += "😀";
  for (const std::string& message : {std::string(10'000, 'x'), std::string(10'000, '\n'), std::string(10'000, '\1'),
                                     std::string(10'000, '\xFF'), emoji}) {
    Outcome outcome("publish");
    outcome.fail({Reason::storage_failed, message});
    EXPECT_LE(outcome.json().size(), Outcome::kMaxBytes);
    EXPECT_GE(outcome.json().size(), 3000U);
    auto json = Json::parse(outcome.json());
    ASSERT_TRUE(json);
    EXPECT_EQ(json->bool_at("truncated"), true);
  }
}

TEST(Outcome, long_lists_are_cut_and_say_so) {
  Outcome outcome("sweep");
  outcome.with("removed", std::vector<std::string>(300, std::string(63, 'n')));
  outcome.fail({Reason::storage_failed, std::string(3000, 'x')});
  EXPECT_LE(outcome.json().size(), Outcome::kMaxBytes);
  auto json = Json::parse(outcome.json());
  ASSERT_TRUE(json);
  EXPECT_EQ(json->bool_at("truncated"), true);
  EXPECT_GT(json->array_at("removed")->size(), 20U);
}

}  // namespace
}  // namespace atelier::stage
