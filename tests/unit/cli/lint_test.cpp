#include "cli/lint.h"

#include <gtest/gtest.h>

namespace atelier::cli {
namespace {

std::string found(const std::string& text) {
  std::string out;
  for (const Finding& one : lint({{"a.yaml", text}}).findings) out += one.to_string() + "\n";
  return out;
}

constexpr const char* kPipeline = R"(apiVersion: atelier.dev/v1alpha1
kind: Pipeline
metadata: {name: daily, namespace: team-a}
spec:
  workspace: {name: ws}
  params: [{name: day}]
  tasks:
    - name: a
      command: [run, "${params.day}"]
    - name: b
      dependsOn: [a]
)";

TEST(Lint, SaysNothingAboutAGoodPipelineOrAnothersKind) {
  EXPECT_EQ(found(kPipeline), "");
  EXPECT_EQ(found("apiVersion: v1\nkind: Pod\nspec: {tasks: 3}\n"), "");
  EXPECT_EQ(found("---\n---\n"), "");
}

TEST(Lint, NamesFileLineAndFieldOfARuleThatIsBroken) {
  std::string text = kPipeline;
  text.replace(text.find("[a]"), 3, "[x]");
  EXPECT_EQ(found(text), "a.yaml:11: spec.tasks[1].dependsOn[0]: there is no task \"x\"; the tasks are a, b\n");
}

TEST(Lint, NamesATypo) {
  std::string text = kPipeline;
  text.replace(text.find("dependsOn"), 9, "dependOn");
  EXPECT_EQ(found(text), "a.yaml:11: spec.tasks[1].dependOn: there is no such field; see kubectl explain pipelines\n");
}

TEST(Lint, NamesAWrongType) {
  std::string text = kPipeline;
  text.replace(text.find("name: b"), 7, "name: 7");
  EXPECT_EQ(found(text), "a.yaml:10: spec.tasks[1].name: is an integer, should be a string\n");
}

TEST(Lint, ReadsBareWordsAsKubectlDoes) {
  std::string text = kPipeline;
  text.replace(text.find("name: b"), 7, "name: n");
  EXPECT_EQ(found(text), "a.yaml:10: spec.tasks[1].name: is a boolean, should be a string\n");
}

TEST(Lint, ComparesTheParametersOfARunWithItsPipeline) {
  const std::string run =
      "apiVersion: atelier.dev/v1alpha1\nkind: PipelineRun\nmetadata: {name: r, namespace: team-a}\n"
      "spec:\n  pipeline: {name: daily}\n  params:\n    dya: x\n";
  EXPECT_EQ(found(std::string(kPipeline) + "---\n" + run),
            "a.yaml:19: spec.params[\"dya\"]: the Pipeline has no such parameter; it takes day\n"
            "a.yaml:18: spec.params: \"day\" has no default and needs a value; set spec.params.day\n");
}

TEST(Lint, DoesNotMissParametersThatAnEarlierRunHas) {
  const std::string run =
      "apiVersion: atelier.dev/v1alpha1\nkind: PipelineRun\nmetadata: {name: r, namespace: team-a}\n"
      "spec:\n  pipeline: {name: daily}\n  rerunOf: {name: before, uid: u}\n";
  EXPECT_EQ(found(std::string(kPipeline) + "---\n" + run), "");
}

TEST(Lint, RefusesAKindThatIsNone) {
  EXPECT_EQ(found("apiVersion: atelier.dev/v1alpha1\nkind: Workspce\n"),
            "a.yaml:2: kind: there is no kind \"Workspce\"; there are BusinessDomain, DataDomain, Workspace, Pipeline, "
            "PipelineRun and Approval\n");
}

TEST(Lint, NamesEveryMistakeAtOnce) {
  std::string text = kPipeline;
  text.replace(text.find("name: a\n"), 7, "nam: a");
  text.replace(text.find("name: b"), 7, "name: 7");
  EXPECT_EQ(found(text),
            "a.yaml:8: spec.tasks[0].nam: there is no such field; see kubectl explain pipelines\n"
            "a.yaml:8: spec.tasks[0].name: is missing\n"
            "a.yaml:10: spec.tasks[1].name: is an integer, should be a string\n");
}

TEST(Lint, LooksIntoAList) {
  const std::string list =
      "apiVersion: v1\nkind: List\nitems:\n- apiVersion: atelier.dev/v1alpha1\n  kind: PipelineRun\n"
      "  metadata: {name: r}\n  spec:\n    pipeline: {nme: daily}\n";
  EXPECT_EQ(found(list),
            "a.yaml:8: spec.pipeline.nme: there is no such field; see kubectl explain pipelineruns\n"
            "a.yaml:8: spec.pipeline.name: is missing\n");
}

TEST(Lint, WarnsOfAReferenceInAScript) {
  std::string text = kPipeline;
  text.replace(text.find("[run, "), 6, "[sh, -c, ");
  EXPECT_EQ(
      found(text),
      "a.yaml:9: warning: spec.tasks[0].command[2]: inserts ${params.day} into a script, where it is read as code; "
      "write env: [{name: DAY, value: \"${params.day}\"}], and in the script \"$DAY\"\n");
  const Report report = lint({{"a.yaml", text}});
  EXPECT_EQ(report.warnings(), 1U);
  EXPECT_EQ(report.errors(), 0U) << "so that the exit code is 0";
}

TEST(Lint, ComparesTheValuesOfARunWithTheirTypes) {
  std::string text = kPipeline;
  text.replace(text.find("{name: day}"), 11, "{name: day, type: int}");
  const std::string run =
      "---\napiVersion: atelier.dev/v1alpha1\nkind: PipelineRun\nmetadata: {name: r, namespace: team-a}\n"
      "spec:\n  pipeline: {name: daily}\n  params:\n    day: monday\n";
  EXPECT_EQ(
      found(text + run),
      "a.yaml:19: spec.params[\"day\"]: is \"monday\", should be an int: decimal digits alone, such as 42 or -1\n");
}

TEST(Lint, NamesWhatEveryObjectNeeds) {
  EXPECT_EQ(found("kind: Pipeline\nspec: {}\n"),
            "a.yaml:1: apiVersion: is missing, should be \"atelier.dev/v1alpha1\"\n");
  std::string text = kPipeline;
  text.replace(text.find("name: daily, "), 13, "");
  EXPECT_EQ(found(text), "a.yaml:3: metadata.name: is missing\n");
  EXPECT_EQ(found("just words\n"), "a.yaml:1: is no manifest: it has no apiVersion and kind\n");
}

TEST(Lint, CountsWhatItChecked) {
  EXPECT_EQ(lint({{"a.yaml", kPipeline}, {"b.yaml", "apiVersion: v1\nkind: Pod\n"}}).objects, 1U);
  EXPECT_EQ(lint({{"a.yaml", ""}}).objects, 0U);
}

TEST(Lint, NamesTheLineThatIsNoYaml) { EXPECT_EQ(found("a: b\n  - c: [\n").rfind("a.yaml: line ", 0), 0U); }

TEST(Lint, RefusesAKeyThatIsThereTwice) {
  EXPECT_EQ(found("apiVersion: v1\nkind: Pod\nkind: Pod\n"), "a.yaml: line 3: \"kind\" is there twice\n");
}

}  // namespace
}  // namespace atelier::cli
