#include <gtest/gtest.h>

#include "atelier/api/validate.h"

namespace atelier::api {
namespace {

Task task(const std::string& name, std::vector<std::string> depends_on = {}) {
  Task task;
  task.name = name;
  task.command = {"run"};
  task.depends_on = std::move(depends_on);
  return task;
}

PipelineSpec pipeline(std::vector<Task> tasks) {
  PipelineSpec spec;
  spec.workspace.name = "ws";
  spec.tasks = std::move(tasks);
  return spec;
}

// "reason path", one a line.
std::string found(const Violations& violations) {
  std::string text;
  for (const Violation& one : violations) text += (text.empty() ? "" : "\n") + one.reason + " " + one.path;
  return text;
}

TEST(ValidatePipeline, ADiamondIsFine) {
  EXPECT_EQ(found(validate(pipeline({task("a"), task("b", {"a"}), task("c", {"a"}), task("d", {"b", "c"})}))), "");
}

TEST(ValidatePipeline, ASpecThatKubectlCannotHandleIsRefused) {
  PipelineSpec spec = pipeline({task("a")});
  spec.tasks[0].args = {std::string(std::size_t{100} << 10U, 'x'), std::string(std::size_t{99} << 10U, 'x')};
  EXPECT_EQ(found(validate(spec)), "");
  spec.tasks[0].args[1] += std::string(2'048, 'x');
  EXPECT_EQ(found(validate(spec)), "SpecTooLarge spec");
}

TEST(ValidatePipeline, LargeResultsAreThoseOfOneTask) {
  PipelineSpec spec = pipeline({task("a")});
  spec.tasks[0].large_results = true;
  EXPECT_EQ(found(validate(spec)), "InvalidValue spec.tasks[0].largeResults");
  spec.tasks[0].results = {{"rows", "int"}};
  EXPECT_EQ(found(validate(spec)), "");
  spec.tasks[0].for_each = ForEach{{"one"}, "", {}};
  EXPECT_EQ(found(validate(spec)), "InvalidValue spec.tasks[0].largeResults");
}

TEST(ValidatePipeline, ACycleIsShownFromTaskToTask) {
  const Violations violations = validate(pipeline({task("x"), task("a", {"c"}), task("b", {"a"}), task("c", {"b"})}));
  EXPECT_EQ(found(violations), "Cycle spec.tasks[1].dependsOn");
  EXPECT_EQ(violations.front().message,
            "tasks wait for each other: a -> c -> b -> a; remove one of these dependencies");
}

TEST(ValidatePipeline, ATaskThatWaitsForItselfIsACycle) {
  EXPECT_EQ(found(validate(pipeline({task("a", {"a"})}))), "Cycle spec.tasks[0].dependsOn");
}

TEST(ValidatePipeline, TasksBehindACycleAreNotBlamed) {
  const Violations violations = validate(pipeline({task("a", {"b"}), task("b", {"c"}), task("c", {"b"})}));
  EXPECT_EQ(violations.front().message.find("b -> c -> b"), std::string("tasks wait for each other: ").size());
}

TEST(ValidatePipeline, AnUnknownDependencyNamesThoseThereAre) {
  const Violations violations = validate(pipeline({task("a"), task("b", {"aa"})}));
  EXPECT_EQ(found(violations), "UnknownDependency spec.tasks[1].dependsOn[0]");
  EXPECT_EQ(violations.front().message, "there is no task \"aa\"; the tasks are a, b");
}

TEST(ValidatePipeline, ADependencySaysHowItsTaskMustHaveEnded) {
  const auto depending_on = [](std::vector<std::string> on) {
    return validate(pipeline({task("a"), task("b", std::move(on))}));
  };
  for (const char* on : {"a", "a.Succeeded", "a.Failed", "a.Skipped", "a.Ended"}) {
    EXPECT_EQ(found(depending_on({on})), "") << on;
  }
  EXPECT_EQ(found(depending_on({"a.failed"})), "InvalidValue spec.tasks[1].dependsOn[0]");
  EXPECT_EQ(depending_on({"a.Done"}).front().message,
            "\"Done\" is no end of a task; write a, or a. with Succeeded, Failed, Skipped or Ended behind it");
  EXPECT_EQ(found(depending_on({"a.Failed", "a.Skipped"})), "DuplicateName spec.tasks[1].dependsOn[1]");
  EXPECT_EQ(found(validate(pipeline({task("a", {"b.Ended"}), task("b", {"a.Failed"})}))),
            "Cycle spec.tasks[0].dependsOn");
}

TEST(ValidatePipeline, ATaskOfFinallyHasItsOwnNameAndNoPredecessors) {
  PipelineSpec spec = pipeline({task("a")});
  spec.finally = {task("clean"), task("notify")};
  EXPECT_EQ(found(validate(spec)), "");
  spec.finally = {task("a"), task("notify", {"a"}), task("notify")};
  EXPECT_EQ(found(validate(spec)),
            "DuplicateTask spec.finally[2].name\nDuplicateTask spec.finally[0].name\n"
            "InvalidValue spec.finally[1].dependsOn");
  spec.finally.assign(21, task("x"));
  EXPECT_EQ(found(validate(spec)), "TooManyTasks spec.finally");
}

TEST(ValidatePipeline, OnlyWhatIsKnownThenCanBeInserted) {
  PipelineSpec spec = pipeline({task("a"), task("b", {"a.Ended"}), task("c")});
  spec.tasks[0].results = {{"rows"}};
  spec.finally = {task("last")};
  spec.finally[0].args = {"${run.status}", "${tasks.c.status}", "${tasks.a.results.rows}"};
  spec.tasks[1].args = {"${tasks.a.status}"};
  EXPECT_EQ(found(validate(spec)), "");
  spec.tasks[1].args = {"${run.status}", "${tasks.c.status}", "${tasks.nobody.status}"};
  EXPECT_EQ(found(validate(spec)),
            "UnknownReference spec.tasks[1].args[0]\nUnknownReference spec.tasks[1].args[1]\n"
            "UnknownReference spec.tasks[1].args[2]");
  spec.tasks[1].args = {"${tasks.last.status}"};
  EXPECT_EQ(found(validate(spec)), "UnknownReference spec.tasks[1].args[0]");
}

TEST(ValidatePipeline, ResultsOfATaskThatMustHaveFailedAreNone) {
  PipelineSpec spec = pipeline({task("a"), task("b", {"a.Failed"})});
  spec.tasks[0].results = {{"rows"}};
  spec.tasks[1].args = {"${tasks.a.results.rows}"};
  EXPECT_EQ(found(validate(spec)), "UnknownReference spec.tasks[1].args[0]");
}

TEST(ValidatePipeline, AConditionIsABoolOfWhatIsKnownThen) {
  PipelineSpec spec = pipeline({task("extract-all"), task("load", {"extract-all"}), task("other")});
  spec.params = {{.name = "day"}, {.name = "a-b"}, {.name = "a_b"}};
  spec.tasks[0].results = {{"row-count"}};
  const auto words = [&spec](const std::string& when) {
    spec.tasks[1].when = when;
    const Violations violations = validate(spec);
    return violations.empty() ? "" : violations.front().to_string();
  };
  EXPECT_EQ(words("int(tasks.extract_all.results.row_count) > 0 && tasks.extract_all.status == 'Succeeded'"), "");
  EXPECT_EQ(words("params.day != '' && run.name.startsWith('nightly')"), "");
  EXPECT_EQ(words("params.day"), "spec.tasks[1].when: is of type string, should be a bool, such as a comparison");
  EXPECT_EQ(words("tasks.other.status == 'Failed'"),
            "spec.tasks[1].when: task \"load\" does not wait for \"other\"; add it to its dependsOn");
  EXPECT_EQ(words("run.status == 'Failed'"),
            "spec.tasks[1].when: column 5: there is no field \"status\"; there are: name, namespace");
  EXPECT_NE(words("params.a_b == ''"), "") << "two parameters are called so";
  EXPECT_NE(words("params.day =="), "");
  spec.tasks[1].when.clear();
  spec.tasks[1].retry.when = "attempt.exitCode == 75";
  EXPECT_EQ(found(validate(spec)), "");
  spec.tasks[1].retry.when = "attempt.code == 75";
  EXPECT_EQ(found(validate(spec)), "InvalidExpression spec.tasks[1].retry.when");
  spec.tasks[1].retry.when.clear();
  spec.finally = {task("last")};
  spec.finally[0].when = "run.status == 'Failed' || tasks.other.status != 'Succeeded'";
  EXPECT_EQ(found(validate(spec)), "");
}

TEST(ValidatePipeline, AnApprovalIsNothingThatRuns) {
  PipelineSpec spec = pipeline({task("a"), Task{}});
  Task& release = spec.tasks[1];
  release.name = "release";
  release.depends_on = {"a"};
  release.on_failure = Task::kContinue;
  release.approval = ApprovalDemand{2, Millis{60'000}};
  EXPECT_EQ(found(validate(spec)), "");
  release.command = {"true"};
  EXPECT_EQ(found(validate(spec)), "InvalidValue spec.tasks[1]");
  release.command.clear();
  release.retry.limit = 1;
  EXPECT_EQ(found(validate(spec)), "InvalidValue spec.tasks[1]");
  release.retry.limit = 0;
  release.approval->timeout = Millis{1};
  EXPECT_EQ(found(validate(spec)), "InvalidValue spec.tasks[1].approval.timeout");
  release.approval->timeout.reset();
  spec.finally = {release};
  spec.finally[0].name = "last";
  spec.finally[0].depends_on.clear();
  EXPECT_EQ(found(validate(spec)), "InvalidValue spec.finally[0].approval");
}

TEST(ValidatePipeline, LimitsOfTimeAreBetweenASecondAndAYear) {
  PipelineSpec spec = pipeline({task("a")});
  spec.timeout = spec.finally_timeout = spec.tasks[0].pending_timeout = spec.tasks[0].total_timeout = Millis{1'000};
  EXPECT_EQ(found(validate(spec)), "");
  spec.timeout = spec.finally_timeout = spec.tasks[0].pending_timeout = spec.tasks[0].total_timeout = Millis{999};
  EXPECT_EQ(found(validate(spec)),
            "InvalidValue spec.tasks[0].pendingTimeout\nInvalidValue spec.tasks[0].totalTimeout\n"
            "InvalidValue spec.timeout\nInvalidValue spec.finallyTimeout");
}

TEST(ValidatePipeline, ATaskNamedTwiceIsRefused) {
  EXPECT_EQ(found(validate(pipeline({task("a"), task("a")}))), "DuplicateTask spec.tasks[1].name");
}

TEST(ValidatePipeline, TaskNamesAreDnsLabels) {
  EXPECT_EQ(found(validate(pipeline({task("Load_All")}))), "InvalidName spec.tasks[0].name");
}

TEST(ValidatePipeline, AParameterMustBeDeclared) {
  PipelineSpec spec = pipeline({task("a")});
  spec.tasks[0].args = {"${params.day}"};
  EXPECT_EQ(found(validate(spec)), "UnknownParameter spec.tasks[0].args[0]");
  spec.params = {{.name = "day"}};
  EXPECT_EQ(found(validate(spec)), "");
}

TEST(ValidatePipeline, AResultMustBeDeclaredByATaskThatCameBefore) {
  PipelineSpec spec = pipeline({task("a"), task("b"), task("c", {"b"})});
  spec.tasks[2].env = {{"ROWS", "${tasks.a.results.rows}", {}}};
  EXPECT_EQ(found(validate(spec)), "UnknownReference spec.tasks[2].env[0].value");
  spec.tasks[0].results = {{"rows"}};
  EXPECT_EQ(validate(spec).front().message, "task \"c\" does not wait for \"a\"; add it to its dependsOn");
  spec.tasks[1].depends_on = {"a"};
  EXPECT_EQ(found(validate(spec)), "");
}

TEST(ValidatePipeline, TheOperatorsVariablesCannotBeTaken) {
  PipelineSpec spec = pipeline({task("a")});
  spec.tasks[0].env = {{"ATELIER_RESULTS", "x", {}}};
  EXPECT_EQ(found(validate(spec)), "InvalidName spec.tasks[0].env[0].name");
}

TEST(ValidatePipeline, NeedsTasksAndNotTooMany) {
  EXPECT_EQ(found(validate(pipeline({}))), "InvalidValue spec.tasks");
  std::vector<Task> many;
  for (int i = 0; i < 501; ++i) many.push_back(task("t" + std::to_string(i)));
  EXPECT_EQ(found(validate(pipeline(many))), "TooManyTasks spec.tasks");
}

TEST(ValidatePipeline, FiveHundredTasksInARowAreFine) {
  std::vector<Task> many{task("t0")};
  for (int i = 1; i < 500; ++i) many.push_back(task("t" + std::to_string(i), {"t" + std::to_string(i - 1)}));
  EXPECT_EQ(found(validate(pipeline(many))), "");
}

TEST(ValidatePipeline, NothingIsDeletedWithin90SecondsOfItsEnd) {
  PipelineSpec spec = pipeline({task("a")});
  EXPECT_EQ(found(validate(spec)), "") << "nothing of history has to be written";
  spec.history.pod_age = std::chrono::seconds{89};
  spec.history.max_age = std::chrono::seconds{89};
  EXPECT_EQ(found(validate(spec)), "InvalidValue spec.history.maxAge\nInvalidValue spec.history.podAge");
  EXPECT_EQ(validate(spec).front().message, "should be at least 90s and at most 8760h");
  spec.history.pod_age = std::chrono::hours{8761};
  spec.history.max_age = std::chrono::seconds{90};
  EXPECT_EQ(found(validate(spec)), "InvalidValue spec.history.podAge");
}

PipelineRunSpec run_of_daily() {
  PipelineRunSpec run;
  run.pipeline.name = "daily";
  return run;
}

TEST(ValidateRun, ARetryTakesTheParametersOfTheRunItRetries) {
  PipelineRunSpec run = run_of_daily();
  run.retry_of = {"before", Uid{"u"}};
  EXPECT_EQ(found(validate("r", run)), "");
  run.params = {{"day", "x"}};
  ASSERT_EQ(found(validate("r", run)), "InvalidValue spec.params");
  EXPECT_EQ(validate("r", run).front().message,
            "should be empty: a retry takes the parameters of the run it retries; use rerunOf to change them");
  run.rerun_of = std::exchange(run.retry_of, std::nullopt);
  EXPECT_EQ(found(validate("r", run)), "");
}

TEST(ValidateRun, ARunRetriesOrRerunsNotBoth) {
  PipelineRunSpec run = run_of_daily();
  run.retry_of = {"before", Uid{"u"}};
  run.rerun_of = run.retry_of;
  EXPECT_EQ(found(validate("r", run)), "InvalidValue spec.rerunOf");
}

TEST(ValidateRun, TheRunBeforeIsNamedWithItsUid) {
  PipelineRunSpec run = run_of_daily();
  run.retry_of.emplace();
  EXPECT_EQ(found(validate("r", run)), "InvalidValue spec.retryOf.name\nInvalidValue spec.retryOf.uid");
  run.retry_of = {"Before", Uid{std::string(129, 'u')}};
  EXPECT_EQ(found(validate("r", run)), "InvalidName spec.retryOf.name\nInvalidValue spec.retryOf.uid");
}

TEST(ValidateParams, ARunThatPeopleHaveToApproveSaysWhoMadeIt) {
  PipelineSpec spec = pipeline({task("a")});
  PipelineRunSpec run;
  EXPECT_EQ(found(validate_params(run, spec)), "");
  spec.tasks[0].approval.emplace();
  EXPECT_EQ(found(validate_params(run, spec)), "AuthorMissing spec.author");
  run.author = "alice";
  EXPECT_EQ(found(validate_params(run, spec)), "");
}

TEST(ValidateParams, UnknownAndMissingOnesAreNamed) {
  PipelineSpec spec = pipeline({task("a")});
  spec.params = {{.name = "day"}, {.name = "region", .default_value = "eu"}};
  PipelineRunSpec run;
  run.params = {{"dya", "x"}};
  EXPECT_EQ(found(validate_params(run, spec)), "UnknownParameter spec.params[\"dya\"]\nMissingParameter spec.params");
  run.params = {{"day", "x"}};
  EXPECT_EQ(found(validate_params(run, spec)), "");
}

}  // namespace
}  // namespace atelier::api
