#include <gtest/gtest.h>

#include "unit/api/violations.h"

namespace atelier::api {
namespace {

using testing::two_tasks;
using testing::words;

// `first` hands on rows, an int, and files, a list; parameters are n, an int, and tables, a list.
class Texts : public ::testing::Test {
 protected:
  Texts() {
    spec.params = {{.name = "n", .type = "int"}, {.name = "tables", .type = "list"}, {.name = "day"}};
    spec.tasks[0].results = {{"rows", "int"}, {"files", "list"}};
  }

  std::string arg(const std::string& text) {
    spec.tasks[1].args = {text};
    return words(validate(spec));
  }
  std::string when(const std::string& text) {
    spec.tasks[1].when = text;
    return words(validate(spec));
  }
  std::string in(const std::string& text) {
    spec.tasks[1].for_each = ForEach{{}, text, {}};
    return words(validate(spec));
  }

  PipelineSpec spec = two_tasks();
};

TEST_F(Texts, ParametersAndResultsHaveTheirTypes) {
  EXPECT_EQ(when("params.n + tasks.first.results.rows > 3"), "");
  EXPECT_EQ(when("params.tables.exists(t, t == params.day)"), "");
  EXPECT_EQ(when("tasks.first.results.files.size() > 0"), "");
  EXPECT_EQ(when("params.n == '3'"),
            "InvalidExpression spec.tasks[1].when: column 10: there is no int == string; there is A == A");
}

TEST_F(Texts, AnExpressionIsCheckedWithItsTypes) {
  EXPECT_EQ(arg("--rows=${tasks.first.results.rows * 2}"), "");
  EXPECT_EQ(arg("${run.name + '-' + string(params.n)}"), "");
  EXPECT_EQ(arg("${params.day * 2}"),
            "InvalidExpression spec.tasks[1].args[0]: \"${params.day * 2}\" is no expression: column 12: there is no "
            "string * int; there is double * double, int * int; $${ stands for a literal ${");
  EXPECT_EQ(
      arg("${HOME:-/root}"),
      "InvalidExpression spec.tasks[1].args[0]: \"${HOME:-/root}\" is no expression: column 5: here is \":\", but "
      "the expression is complete before it; an operator is missing; $${ stands for a literal ${");
}

TEST_F(Texts, AnExpressionReadsPredecessorsOnly) {
  spec.tasks[0].args = {"${tasks.second.status + ''}"};
  EXPECT_EQ(words(validate(spec)),
            "UnknownReference spec.tasks[0].args[0]: task \"first\" does not wait for \"second\"; add it to its "
            "dependsOn");
  spec.tasks[0].args.clear();
  EXPECT_EQ(arg("${tasks == tasks}"),
            "InvalidExpression spec.tasks[1].args[0]: uses all of tasks at once; name the task, as in "
            "tasks.extract.status");
  EXPECT_NE(arg("${run.status + ''}"), "");
  spec.tasks[1].args.clear();
  spec.finally.resize(1);
  spec.finally[0].name = "last";
  spec.finally[0].args = {"${run.status + tasks.second.status}"};
  EXPECT_EQ(words(validate(spec)), "");
}

TEST_F(Texts, EnvAndSidecarsAreCheckedAsWell) {
  spec.tasks[1].env = {{"A", "${params.m + 1}", {}}};
  spec.tasks[1].sidecars.resize(1);
  spec.tasks[1].sidecars[0].name = "side";
  spec.tasks[1].sidecars[0].resources.limits.memory = Quantity{64'000};
  spec.tasks[1].sidecars[0].command = {"${item}"};
  const std::string found = words(validate(spec));
  EXPECT_NE(found.find("InvalidExpression spec.tasks[1].env[0].value"), std::string::npos) << found;
  EXPECT_NE(found.find("UnknownReference spec.tasks[1].sidecars[0].command[0]"), std::string::npos) << found;
}

TEST_F(Texts, AnItemIsKnownInAFanOutOnly) {
  EXPECT_EQ(
      arg("${item}"),
      "UnknownReference spec.tasks[1].args[0]: ${item} is known in a task with forEach only; add that, or remove it");
  EXPECT_EQ(arg("${index}").substr(0, 51), "UnknownReference spec.tasks[1].args[0]: ${index} is");
  EXPECT_NE(arg("${item + ''}"), "");
  spec.tasks[1].for_each = ForEach{{"a"}, "", {}};
  EXPECT_EQ(arg("${item}-${index}-${item + string(index)}"), "");
  EXPECT_EQ(arg("${item.name}"),
            "UnknownReference spec.tasks[1].args[0]: an item is of type string and has no \"name\"; write ${item}");
}

TEST_F(Texts, AnItemIsOfTheTypeOfTheListsElements) {
  EXPECT_EQ(in("lists.range(params.n)"), "");
  EXPECT_EQ(arg("${item + index}"), "");
  EXPECT_NE(arg("${item + 'a'}"), "");
  EXPECT_NE(arg("${item.name}"), "");
  EXPECT_EQ(in("tasks.first.results.files"), "");
  EXPECT_EQ(arg("${item.name} ${item.size + 1}"), "") << "a dyn may have anything";
  EXPECT_EQ(in("[{'name': 1}]"), "");
  EXPECT_EQ(arg("${item.name}"), "");
  EXPECT_EQ(arg("${item['name'] * 2}"), "");
}

TEST_F(Texts, AFanOutIsOverExactlyOneList) {
  const std::string one = "InvalidValue spec.tasks[1].forEach: should have exactly one of items and in";
  spec.tasks[1].for_each.emplace();
  EXPECT_EQ(words(validate(spec)), one);
  spec.tasks[1].for_each = ForEach{{"a"}, "params.tables", {}};
  EXPECT_EQ(words(validate(spec)), one);
  spec.tasks[1].for_each = ForEach{{"a", "a"}, "", 1};
  EXPECT_EQ(words(validate(spec)), "") << "two items may be the same";
}

TEST_F(Texts, AWrittenListHasAtMostAThousandShortStrings) {
  spec.tasks[1].for_each = ForEach{std::vector<std::string>(1000, "x"), "", {}};
  spec.tasks[1].for_each->items[7] = std::string(4096, 'x');
  EXPECT_EQ(words(validate(spec)), "");
  spec.tasks[1].for_each = ForEach{std::vector<std::string>(1001, "x"), "", {}};
  EXPECT_EQ(words(validate(spec)),
            "InvalidValue spec.tasks[1].forEach.items: has 1001 items; at most 1000 can be written there");
  spec.tasks[1].for_each = ForEach{{"x", std::string(4097, 'x')}, "", {}};
  EXPECT_EQ(words(validate(spec)),
            "InvalidValue spec.tasks[1].forEach.items[1]: is too long; use at most 4096 characters");
}

TEST_F(Texts, AFanOutsExpressionIsAListOfWhatIsKnownThen) {
  const std::string path = "InvalidExpression spec.tasks[1].forEach.in: ";
  EXPECT_EQ(in("params.tables"), "");
  EXPECT_EQ(in("tasks.first.results.files.filter(f, f.endsWith('.csv'))"), "");
  EXPECT_EQ(in("params.tables[0]"), "") << "a dyn may be a list";
  EXPECT_EQ(in("params.day"), path + "is of type string, should be a list, such as ['a', 'b'] or lists.range(3)");
  EXPECT_EQ(in("{'a': 1}").substr(0, 70), path + "is of type map(string, int");
  EXPECT_EQ(in("[tasks.second.status]"),
            "UnknownReference spec.tasks[1].forEach.in: task \"second\" does not wait for \"second\"; add it to its "
            "dependsOn");
  EXPECT_EQ(in("tasks.third.results.x"), path + "column 7: there is no field \"third\"; there are: first, second");
  EXPECT_EQ(in("[tasks]"), path + "uses all of tasks at once; name the task, as in tasks.extract.status");
  EXPECT_NE(in("[item]"), "");
}

TEST_F(Texts, AListThatIsTooLongInEveryRunIsRefused) {
  const std::string path = "InvalidExpression spec.tasks[1].forEach.in: ";
  EXPECT_EQ(in("lists.range(10000)"), "");
  EXPECT_EQ(in("lists.range(10001)"), path + "makes 10001 items; a run has at most 10000");
  EXPECT_EQ(in("lists.range(1000000000)"),
            path + "column 7: the expression makes a list of size 1000000001; at most 65536 is allowed");
  EXPECT_EQ(in("dyn('abc')"), path + "is a string, should be a list");
  EXPECT_EQ(in("[1 / 0]"), path + "column 4: 1 / 0 divides by zero");
  EXPECT_EQ(in("lists.range(params.n * 20000)"), "");
}

TEST_F(Texts, ResultsOfAFanOutAreLists) {
  spec.tasks[0].for_each = ForEach{{"a", "b"}, "", {}};
  EXPECT_EQ(when("tasks.first.results.rows.all(r, r > 0)"), "");
  EXPECT_NE(when("tasks.first.results.rows > 0"), "");
  EXPECT_EQ(when("tasks.first.results.files[0].size() > 0"), "");
  EXPECT_EQ(arg("${tasks.first.results.rows}"), "");
}

TEST_F(Texts, FinallyCanFanOut) {
  spec.finally.resize(1);
  spec.finally[0].name = "last";
  spec.finally[0].for_each = ForEach{{}, "tasks.first.results.files", {}};
  spec.finally[0].args = {"${item} ${run.status + string(index)}"};
  EXPECT_EQ(words(validate(spec)), "");
}

TEST_F(Texts, AnApprovalCannotFanOut) {
  spec.tasks[1].approval.emplace();
  EXPECT_EQ(words(validate(spec)), "");
  EXPECT_NE(in("params.tables").find("InvalidValue spec.tasks[1]: has an approval"), std::string::npos);
}

TEST_F(Texts, MoreMemoryNeedsALimitToStartFrom) {
  spec.tasks[0].retry.memory_factor = 2;
  EXPECT_EQ(
      words(validate(spec)),
      "InvalidValue spec.tasks[0].retry.memoryFactor: means something only where resources.limits.memory is below "
      "the workspace's memory; give that limit, or remove memoryFactor");
  spec.tasks[0].resources.limits.memory = Quantity{64'000};
  EXPECT_EQ(words(validate(spec)), "");
}

}  // namespace
}  // namespace atelier::api
