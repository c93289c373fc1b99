#include <gtest/gtest.h>

#include <algorithm>

#include "unit/api/violations.h"

namespace atelier::api {
namespace {

// Of a second task that follows a first one with the result `rows`; the parameter `size` is small or large.
PipelineSpec some_spec(const std::string& after = "first") {
  PipelineSpec spec = testing::two_tasks();
  Param size{.name = "size"};
  size.choices = {"small", "large"};
  spec.params = {std::move(size), {.name = "day"}};
  spec.tasks[0].results = {{"rows", "int"}};
  spec.tasks[1].depends_on = {after};
  return spec;
}

std::string warned_of_when(const std::string& when, const std::string& after = "first") {
  PipelineSpec spec = some_spec(after);
  spec.tasks[1].when = when;
  EXPECT_EQ(testing::words(validate(spec)), "") << when;
  return testing::words(warnings(spec));
}

TEST(ExpressionWarnings, NameATextThatIsNeverThere) {
  EXPECT_EQ(
      warned_of_when("tasks.first.status == 'Succeded'"),
      "NeverEqual spec.tasks[1].when: tasks.first.status is compared with 'Succeded', which it never is; it is one "
      "of Succeeded, Failed, Skipped, Cancelled");
  EXPECT_NE(warned_of_when("'failed' != tasks.first.status").find("compared with 'failed'"), std::string::npos);
  EXPECT_NE(warned_of_when("params.size in ['small', 'big']").find("params.size is compared with 'big'"),
            std::string::npos);
  EXPECT_NE(warned_of_when("[1].exists(x, params.size == 'huge')").find("'huge'"), std::string::npos);
}

TEST(ExpressionWarnings, AreNotOfWhatCanBe) {
  for (const char* when :
       {"tasks.first.status == 'Failed'", "params.size in ['small', 'large']", "params.day == 'whatever'",
        "tasks.first.status.startsWith('S')", "run.name == 'Succeded'", "'Succeded' == 'Succeded'",
        "has(tasks.first.results.rows) && tasks.first.results.rows > 0"}) {
    EXPECT_EQ(warned_of_when(when), "") << when;
  }
}

TEST(ExpressionWarnings, AreOfEveryExpression) {
  PipelineSpec spec = some_spec();
  spec.tasks[1].retry.when = "attempt.reason == 'OOMKiled'";
  spec.tasks[1].for_each = ForEach{{}, "params.size == 'huge' ? [1] : [2]", {}};
  spec.tasks[1].args = {"${params.size == 'tiny' ? 1 : 2}", "${params.size}"};
  spec.tasks[1].env.resize(1);
  spec.tasks[1].env[0].value = "${index > 1 && params.size == 'vast'}";
  spec.tasks[1].sidecars.resize(1);
  spec.tasks[1].sidecars[0].command = {"x", "${params.size == 'grand'}"};
  spec.finally.resize(1);
  spec.finally[0].name = "last";
  spec.finally[0].when = "run.status == 'Skipped'";
  const std::string words = testing::words(warnings(spec));
  for (const char* path :
       {"spec.tasks[1].retry.when: attempt.reason", "spec.tasks[1].forEach.in: ", "spec.tasks[1].args[0]: ",
        "spec.tasks[1].env[0].value: ", "spec.tasks[1].sidecars[0].command[1]: ", "spec.finally[0].when: run.status"}) {
    EXPECT_NE(words.find(std::string("NeverEqual ") + path), std::string::npos) << path << " in\n" << words;
  }
  EXPECT_EQ(std::count(words.begin(), words.end(), '\n'), 5);
}

TEST(ExpressionWarnings, TellOfResultsThatCannotBeThere) {
  EXPECT_EQ(
      warned_of_when("has(tasks.first.results.rows) || tasks.first.results.rows > 1", "first.Failed"),
      "NoResults spec.tasks[1].when: reads results of \"first\", which has none where this task runs: dependsOn asks "
      "for its failure or its skip; depend on its success, or on its end and ask with has(...)");
  EXPECT_NE(warned_of_when("tasks.first.results.rows > 1", "first.Skipped"), "");
  EXPECT_EQ(warned_of_when("tasks.first.results.rows > 1", "first.Ended"), "");
  EXPECT_EQ(warned_of_when("tasks.first.status == 'Failed'", "first.Failed"), "");
}

}  // namespace
}  // namespace atelier::api
