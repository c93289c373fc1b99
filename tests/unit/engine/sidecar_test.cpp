// Texts of sidecars are templates as those of their task.
#include <gtest/gtest.h>

#include "atelier/engine/decide.h"

namespace atelier::engine {
namespace {

TEST(Sidecar, ReferencesInItsTextsAreReplacedAndCountAsUsed) {
  api::RunPlan plan;
  plan.pipeline.tasks.resize(2);
  plan.pipeline.tasks[0].name = "a";
  plan.pipeline.tasks[0].results = {{"rows"}};
  api::Task& task = plan.pipeline.tasks[1];
  task.name = "b";
  task.depends_on = {"a"};
  task.sidecars.resize(1);
  task.sidecars[0].name = "proxy";
  task.sidecars[0].command = {"proxy", "${run.name}"};
  task.sidecars[0].args = {"${params.day}", "$${HOME}"};
  task.sidecars[0].env = {{"ROWS", "${tasks.a.results.rows}", {}}};
  task.sidecars[0].resources.limits.memory = api::Quantity{1, 0};
  PodObservation ended;
  ended.name = pod_name({"ns", "run"}, Uid{"uid"}, {"a", kNoItem, 1});
  ended.task = "a";
  ended.attempt = 1;
  ended.phase = PodPhase::succeeded;
  ended.termination_message = R"({"rows": 7})";
  const api::PipelineRunSpec spec;
  const Observed observed{.run = {"ns", "run"},
                          .run_uid = Uid{"uid"},
                          .plan = plan,
                          .params = {{"day", "monday"}},
                          .spec = spec,
                          .committed = {},
                          .pods = {ended},
                          .rejections = {},
                          .gone = {},
                          .approvals = {},
                          .guard = {},
                          .created = {},
                          .now = {},
                          .started = {},
                          .last_commit = {}};
  api::Sidecar expected = task.sidecars[0];
  expected.command[1] = "run";
  expected.args = {"monday", "${HOME}"};
  expected.env[0].value = "7";
  std::size_t seen = 0;
  for (const Action& action : decide(observed).actions) {
    const auto* create = std::get_if<CreatePod>(&action);
    if (create == nullptr) continue;
    ++seen;
    EXPECT_EQ(create->sidecars, std::vector<api::Sidecar>{expected});
  }
  EXPECT_EQ(seen, 1U);
}

}  // namespace
}  // namespace atelier::engine
