#include "reconcile/grants.h"

#include <gtest/gtest.h>

#include "reconcile/run_start.h"
#include "unit/reconcile/run_world.h"

namespace atelier::reconcile {
namespace {

using nlohmann::json;

struct Asked {
  explicit Asked(const char* task_fields, const char* grants = "{}") {
    testing::RunWorld made;
    json asked = made.pipeline;
    asked["spec"]["tasks"][1].update(json::parse(task_fields));
    pipeline = api::parse<api::Pipeline>(asked).value();
    workspace = api::parse<api::Workspace>(made.workspace).value();
    run = api::parse<api::PipelineRun>(made.run).value();
    domain = *made.world.domains.get({"bd01", "dd01"});
    json grant = json::parse(grants);
    grant["namespaces"] = {"bd01"};
    tenant = *made.world.tenants.get({"", "bd"});
    tenant.spec = api::parse<api::BusinessDomainSpec>(grant).value();
  }

  // "reason: message"; empty if nothing is refused.
  std::string refusal() const {
    const auto found = beyond_grants(pipeline.spec, workspace, &domain, &tenant);
    return found ? found->reason + ": " + found->message : "";
  }

  api::Pipeline pipeline;
  api::Workspace workspace;
  api::PipelineRun run;
  api::DataDomain domain;
  api::BusinessDomain tenant;
};

constexpr const char* kBatch = R"({"priorityClassName": "batch"})";
constexpr const char* kGrantsBatch = R"({"allowedPriorityClasses": ["bulk", "batch"]})";

TEST(Grants, APriorityClassIsRefusedUnlessTheTenantGrantsIt) {
  EXPECT_EQ(Asked("{}").refusal(), "");
  EXPECT_EQ(Asked(kBatch).refusal(),
            "NotGranted: spec.tasks[1].priorityClassName: BusinessDomain \"bd\" does not grant the priority class "
            "\"batch\"; its admin can add it to spec.allowedPriorityClasses");
  EXPECT_EQ(Asked(kBatch, kGrantsBatch).refusal(), "");
}

TEST(Grants, ATaskOfFinallyNeedsThemAsWell) {
  Asked asked(kBatch);
  asked.pipeline.spec.finally = {asked.pipeline.spec.tasks[1]};
  asked.pipeline.spec.tasks.pop_back();
  EXPECT_TRUE(asked.refusal().starts_with("NotGranted: spec.finally[0].priorityClassName: "));
}

TEST(Grants, AnotherTenantsGrantsAreOutOfReach) {
  const auto out_of_reach = [](const Asked& asked) {
    EXPECT_EQ(asked.refusal(),
              "NotGranted: spec.tasks[1].priorityClassName: the priority class \"batch\" needs a grant, and no "
              "BusinessDomain admits Workspace \"ws\"; see its own condition");
  };
  Asked stranger(kBatch, kGrantsBatch);
  stranger.domain.spec.workspace_namespaces = {"team-b"};
  out_of_reach(stranger);
  Asked unowned(kBatch, kGrantsBatch);
  unowned.tenant.spec.namespaces = {"bd02"};
  out_of_reach(unowned);
  const Asked nowhere(kBatch, kGrantsBatch);
  EXPECT_TRUE(beyond_grants(nowhere.pipeline.spec, nowhere.workspace, nullptr, nullptr));
  EXPECT_TRUE(beyond_grants(nowhere.pipeline.spec, nowhere.workspace, &nowhere.domain, nullptr));
}

TEST(Grants, ATolerationIsRefusedUnlessOneGrantCoversAllOfIt) {
  const auto taken = [](const char* toleration, const char* grant) {
    return Asked((R"({"tolerations": [)" + std::string(toleration) + "]}").c_str(),
                 (R"({"allowedTolerations": [)" + std::string(grant) + "]}").c_str())
        .refusal()
        .empty();
  };
  const char* const exact = R"({"key": "team", "value": "a", "effect": "NoSchedule"})";
  EXPECT_FALSE(taken(exact, ""));
  EXPECT_TRUE(taken(exact, exact));
  EXPECT_TRUE(taken(exact, R"({"key": "team"})"));
  EXPECT_FALSE(taken(exact, R"({"key": "teams"})"));
  EXPECT_FALSE(taken(exact, R"({"key": "team", "value": "b"})"));
  EXPECT_FALSE(taken(exact, R"({"key": "team", "effect": "NoExecute"})"));
  EXPECT_FALSE(taken(R"({"key": "team", "operator": "Exists", "effect": "NoSchedule"})", exact)) << "any value is more";
  EXPECT_FALSE(taken(R"({"key": "team", "value": "a"})", exact)) << "all effects are more";
  EXPECT_FALSE(taken(R"({"key": "team"})", R"({"key": "team", "value": "a"})")) << "an empty value is another";
  EXPECT_EQ(Asked(R"({"tolerations": [{"key": "gpu", "operator": "Exists", "effect": "NoSchedule"}]})").refusal(),
            "NotGranted: spec.tasks[1].tolerations[0]: BusinessDomain \"bd\" does not grant the toleration "
            "\"gpu:NoSchedule\"; its admin can add it to spec.allowedTolerations");
}

TEST(Grants, MemoryIsBoundedByTheWorkspaces) {
  EXPECT_EQ(Asked(R"({"resources": {"limits": {"memory": "4Gi"}}})").refusal(), "");
  EXPECT_EQ(Asked(R"({"resources": {"limits": {"memory": "4097Mi"}}})").refusal(),
            "MemoryExceeded: spec.tasks[1].resources.limits.memory: 4097Mi exceeds the 4096Mi that Workspace \"ws\" "
            "gives to the pod of a task; ask for less, or raise spec.resources of the Workspace");
  EXPECT_EQ(Asked(R"({"resources": {"requests": {"memory": "5Gi"}}})")
                .refusal()
                .find("MemoryExceeded: spec.tasks[1].resources.requests.memory: 5Gi exceeds"),
            0U);
  Asked smaller(R"({"resources": {"limits": {"memory": "2Gi"}}})");
  smaller.workspace.spec.resources.overrides.max_memory_mb = 1024;
  EXPECT_NE(smaller.refusal(), "");
  Asked larger(R"({"resources": {"limits": {"memory": "8Gi"}}})", R"({"defaultProfile": "medium"})");
  EXPECT_EQ(larger.refusal(), "");
}

TEST(Grants, MemoryOfSidecarsCounts) {
  const auto with_sidecars = [](const char* memory, const char* task) {
    return Asked((R"({"sidecars": [{"name": "a", "resources": {"limits": {"memory": ")" + std::string(memory) +
                  R"("}}}], "resources": )" + task + "}")
                     .c_str())
        .refusal();
  };
  EXPECT_EQ(with_sidecars("1Gi", "{}"), "");
  EXPECT_EQ(with_sidecars("1Gi", R"({"limits": {"memory": "3Gi"}})"), "");
  EXPECT_EQ(with_sidecars("1Gi", R"({"limits": {"memory": "3073Mi"}})"),
            "MemoryExceeded: spec.tasks[1].resources.limits.memory: 3073Mi exceeds the 4096Mi that Workspace \"ws\" "
            "gives to the pod of a task, sidecars included; ask for less, or raise spec.resources of the Workspace");
  EXPECT_EQ(
      with_sidecars("4Gi", "{}"),
      "MemoryExceeded: spec.tasks[1].sidecars: take all of the 4096Mi that Workspace \"ws\" gives to the pod of a "
      "task and leave nothing to the task itself; ask for less, or raise spec.resources of the Workspace");
  EXPECT_NE(with_sidecars("7Ei", "{}"), "");
}

TEST(Grants, MemoryOfTheSidecarForLargeResultsCounts) {
  const auto with_large_results = [](const std::string& fields) {
    return Asked((R"({"results": [{"name": "rows"}], "largeResults": true, )" + fields + "}").c_str()).refusal();
  };
  EXPECT_EQ(with_large_results(R"("resources": {"limits": {"memory": "4064Mi"}})"), "");
  EXPECT_EQ(with_large_results(R"("resources": {"limits": {"memory": "4065Mi"}})"),
            "MemoryExceeded: spec.tasks[1].resources.limits.memory: 4065Mi exceeds the 4096Mi that Workspace \"ws\" "
            "gives to the pod of a task, 32Mi for largeResults included; ask for less, or raise spec.resources of the "
            "Workspace");
  EXPECT_EQ(
      with_large_results(R"("sidecars": [{"name": "a", "resources": {"limits": {"memory": "4064Mi"}}}])"),
      "MemoryExceeded: spec.tasks[1].sidecars: take, with 32Mi for largeResults, all of the 4096Mi that Workspace "
      "\"ws\" gives to the pod of a task and leave nothing to the task itself; ask for less, or raise "
      "spec.resources of the Workspace");
  Asked small(R"({"results": [{"name": "rows"}], "largeResults": true})");
  small.workspace.spec.resources.overrides.max_memory_mb = 32;
  EXPECT_EQ(
      small.refusal(),
      "MemoryExceeded: spec.tasks[1].largeResults: takes 32Mi of the 32Mi that Workspace \"ws\" gives to the pod of "
      "a task and leaves nothing to the task itself; remove it, or raise spec.resources of the Workspace");
  small.workspace.spec.resources.overrides.max_memory_mb = 33;
  EXPECT_EQ(small.refusal(), "");
}

TEST(Grants, ARunThatAsksForMoreWaitsUntilItIsGranted) {
  Asked asked(kBatch);
  RunStartInput input{asked.run, &asked.pipeline, &asked.workspace, &asked.domain, &asked.tenant, nullptr, "", {}};
  const RunStartDecision waits = decide_start(input);
  EXPECT_EQ(waits.status.phase, "Pending");
  const meta::Condition* succeeded = meta::find_condition(waits.status.conditions, "Succeeded");
  ASSERT_NE(succeeded, nullptr);
  EXPECT_EQ(succeeded->reason, "NotGranted");
  EXPECT_NE(succeeded->message.find("spec.allowedPriorityClasses"), std::string::npos);
  EXPECT_EQ(waits.notes.size(), 1U);
  EXPECT_FALSE(waits.mark || waits.create_revision);
  asked.tenant.spec.allowed_priority_classes = {"batch"};
  EXPECT_TRUE(decide_start(input).create_revision);
}

TEST(Grants, PodFieldsArePinnedWithTheRun) {
  Asked asked(R"({"resources": {"limits": {"memory": "1024Mi", "cpu": 2}}, "nodeSelector": {"disk": "ssd"},
    "volumeMounts": [{"name": "x", "mountPath": "/x"}],
    "sidecars": [{"name": "s", "resources": {"limits": {"memory": "1Mi"}}}]})");
  RunStartInput input{asked.run, &asked.pipeline, &asked.workspace, &asked.domain, &asked.tenant, nullptr, "", {}};
  api::Volume& volume = asked.pipeline.spec.volumes.emplace_back();
  volume.name = "x";
  volume.empty_dir.emplace();
  const auto plan = wanted_plan(input);
  ASSERT_TRUE(plan);
  const auto read = api::parse<api::RunPlan>(api::serialize(*plan));
  ASSERT_TRUE(read);
  EXPECT_EQ(read.value(), *plan);
  EXPECT_EQ(read.value().pipeline, asked.pipeline.spec);
}

}  // namespace
}  // namespace atelier::reconcile
