#include "atelier/api/codec.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

namespace atelier::api {
namespace {

using nlohmann::json;

json pipeline() {
  return json::parse(R"({
    "apiVersion": "atelier.dev/v1alpha1", "kind": "Pipeline",
    "metadata": {"name": "daily", "namespace": "team-a", "uid": "u1", "generation": 3},
    "spec": {"workspace": {"name": "ws"},
             "tasks": [{"name": "a", "command": ["run"]},
                       {"name": "b", "dependsOn": ["a"], "timeout": "1m30s",
                        "retry": {"limit": 2, "backoff": {"initial": "1s"}}}]}})");
}

TEST(Codec, ReadsAKindAndAppliesDefaults) {
  const auto parsed = parse<Pipeline>(pipeline());
  ASSERT_TRUE(parsed) << parsed.error().message;
  const Pipeline& value = parsed.value();
  EXPECT_EQ(value.metadata.key(), (ObjectKey{"team-a", "daily"}));
  ASSERT_EQ(value.spec.tasks.size(), 2U);
  EXPECT_EQ(value.spec.tasks[1].timeout, Millis{90'000});
  EXPECT_EQ(value.spec.tasks[1].retry.backoff.initial, Millis{1'000});
  EXPECT_EQ(value.spec.tasks[1].retry.backoff.max, Millis{300'000});
  EXPECT_EQ(value.spec.tasks[0].retry.limit, 0);
}

TEST(Codec, NamesThePathOfAWrongType) {
  json document = pipeline();
  document["spec"]["tasks"][1]["retry"]["limit"] = "two";
  EXPECT_EQ(parse<Pipeline>(document).error().message, "spec.tasks[1].retry.limit: is a string, should be an integer");
}

TEST(Codec, NamesThePathOfAMissingField) {
  json document = pipeline();
  document["spec"]["tasks"][0].erase("name");
  EXPECT_EQ(parse<Pipeline>(document).error().message, "spec.tasks[0].name: is missing");
}

TEST(Codec, RefusesValuesOutsideOfTheirBoundsAndChoices) {
  json document = pipeline();
  document["spec"]["tasks"][1]["retry"]["limit"] = -1;
  EXPECT_EQ(parse<Pipeline>(document).error().message, "spec.tasks[1].retry.limit: should be at least 0");
  const json workspace = {{"dataDomain", {{"name", "dd"}}},
                          {"image", {{"repository", "r"}, {"pullPolicy", "Sometimes"}}},
                          {"dags", {{"path", "/dags"}}}};
  EXPECT_EQ(parse<WorkspaceSpec>(workspace).error().message,
            "image.pullPolicy: is \"Sometimes\", should be one of Always, IfNotPresent, Never");
}

TEST(Codec, RefusesADurationThatIsNone) {
  json document = pipeline();
  document["spec"]["tasks"][1]["timeout"] = "soon";
  EXPECT_EQ(parse<Pipeline>(document).error().message.find("spec.tasks[1].timeout: "), 0U);
}

TEST(Codec, RefusesAnotherKind) {
  json document = pipeline();
  document["kind"] = "Workspace";
  EXPECT_EQ(parse<Pipeline>(document).error().message, "kind: is \"Workspace\", should be \"Pipeline\"");
}

TEST(Codec, TakesNullForAbsent) {
  json document = pipeline();
  document["spec"]["tasks"][0]["timeout"] = nullptr;
  document["status"] = nullptr;
  EXPECT_TRUE(parse<Pipeline>(document));
}

TEST(Codec, IgnoresFieldsItDoesNotKnow) {
  json document = pipeline();
  document["spec"]["tasks"][0]["color"] = "blue";
  EXPECT_TRUE(parse<Pipeline>(document));
}

TEST(Codec, SurvivesTextThatIsNotJson) {
  for (const char* text : {"", "{", "[]", "null", "\"x\"", "{\"spec\":[]}"}) EXPECT_FALSE(parse_text<Pipeline>(text));
}

TEST(Codec, SerializingWhatWasReadIsAFixedPoint) {
  const json once = serialize(parse<Pipeline>(pipeline()).value());
  const json twice = serialize(parse<Pipeline>(once).value());
  EXPECT_EQ(once, twice);
  EXPECT_EQ(once["spec"], pipeline()["spec"]);
}

TEST(Codec, WritesStatusAsKubectlReadsIt) {
  PipelineRunStatus status;
  status.phase = "Running";
  status.counts.total = 2;
  status.counts.waiting = 1;
  status.start_time = WallTime{std::chrono::seconds{1'767'225'600}};
  meta::Condition condition;
  condition.type = "Succeeded";
  condition.reason = "Running";
  status.conditions.push_back(condition);
  const json written = serialize(status);
  EXPECT_EQ(written["startTime"], "2026-01-01T00:00:00Z");
  EXPECT_EQ(written["counts"]["running"], 0);
  EXPECT_EQ(written["conditions"][0]["status"], "Unknown");
  EXPECT_EQ(written["conditions"][0]["message"], "");
  EXPECT_FALSE(written.contains("pin"));
}

TEST(Codec, ARunPlanComesBackAsItWas) {
  RunPlan plan;
  plan.pipeline = parse<Pipeline>(pipeline()).value().spec;
  plan.pipeline.params = {{.name = "day", .default_value = "2026-01-01"},
                          {.name = "region", .description = "where"},
                          {.name = "empty", .default_value = ""},
                          {.name = "n", .type = "int", .choices = {"1", "2"}}};
  Task& task = plan.pipeline.tasks.at(0);
  task.results = {{"rows", "int"}};
  task.for_each = ForEach{{"a", "b"}, "", 2};
  task.retry.memory_factor = 1.5;
  plan.env = {{"A", "1", {}}};
  plan.memory_mb = 512;
  plan.run_as_user = 1000;
  const auto back = parse<RunPlan>(serialize(plan));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back.value(), plan);
}

}  // namespace
}  // namespace atelier::api
