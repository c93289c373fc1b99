// Caches that are behind, each resource on its own: what an operator sees must never have been together, and of what
// it sees nothing need be true any more.
#include <gmock/gmock.h>

#include <cstdio>
#include <memory>

#include "atelier/base/log.h"
#include "render/labels.h"
#include "sim/run_story.h"

namespace atelier::sim {
namespace {

using nlohmann::json;

using Resources = std::vector<const char*>;

// What somebody may delete at any time, and what is only known from the run's ledger then.
void delete_released_pods(SimWorld& world) {
  for (const Object& pod : world.all("pods")) {
    const json& metadata = (*pod)["metadata"];
    const bool of_task = metadata["labels"].value(render::kComponent, "") == render::kTask;
    if (!of_task || metadata.contains("finalizers")) continue;
    world.model.remove(kind_of("pods"), {kRunKey.ns, metadata["name"].get<std::string>()}, {});
  }
}

// Another operator takes over, and is shown each of `resources` as it was some time before, until long after it leads.
void take_over_late(SimWorld& world, const Resources& resources, SimRandom& chance) {
  world.crash();
  delete_released_pods(world);
  for (const char* plural : resources) {
    std::vector<std::uint64_t> versions;  // before each change
    for (const Change& change : world.model.store().changes()) {
      if (change.kind->plural == plural) versions.push_back(change.version - 1);
    }
    if (versions.empty()) continue;
    const std::uint64_t old = versions[chance.next() % versions.size()];
    world.note(std::string("== ") + plural + " are shown as of " + std::to_string(old));
    world.network.lag(plural, old, chance.between(Millis{16'000}, Millis{40'000}));
  }
  world.start_operator();
}

class StaleTakeover : public ::testing::TestWithParam<std::pair<const char*, Resources>> {
 protected:
  static void SetUpTestSuite() { log::set_level(log::Level::error); }
};

TEST_P(StaleTakeover, RepeatsNothingAndEndsTheSame) {
  for (const std::uint64_t seed : seeds(12)) {
    SCOPED_TRACE("ATELIER_SIM_SEED=" + std::to_string(seed));
    SimRandom chance{seed};
    std::unique_ptr<Timer> timer;
    bool lost = false;
    Ending reference = play(seed);
    Ending ending = play(
        seed,
        [&](SimWorld& world) {
          timer = world.loop.after(chance.between(Millis{4'000}, Millis{20'000}),
                                   [&] { take_over_late(world, GetParam().second, chance); });
          world.model.on_change([&lost](const Change& change) {
            lost |=
                change.kind->plural == "pipelineruns" && change.last->dump().find("RevisionLost") != std::string::npos;
          });
        },
        Millis{60'000});
    forget_publishes(reference);
    forget_publishes(ending);
    expect_same(reference, ending);
    EXPECT_FALSE(lost) << "RevisionLost was said of a revision that is there";
    if (HasFailure()) {
      std::puts(ending.trace.c_str());
      return;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Of, StaleTakeover,
    ::testing::Values(std::pair{"runs", Resources{"pipelineruns"}}, std::pair{"pods", Resources{"pods"}},
                      std::pair{"revisions", Resources{"controllerrevisions"}},
                      std::pair{"everything", Resources{"businessdomains", "datadomains", "workspaces", "pipelines",
                                                        "pipelineruns", "pods", "controllerrevisions", "deployments"}}),
    [](const auto& given) { return std::string(given.param.first); });

class StaleSource : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { log::set_level(log::Level::error); }

  void SetUp() override {
    make_platform(world);
    make_diamond(world);
    world.start_operator();
    ASSERT_TRUE(world.run_until([this] { return is_published(world); }, Millis{60'000}));
    world.run_for(Millis{5'000});
  }
  // Changes the object, and makes a run before anybody hears of that.
  void change_and_run(const std::string& plural, const ObjectKey& key, const json& patch, const json& params) {
    const std::uint64_t before = world.model.store().version();
    world.model.patch(kind_of(plural), key, PatchKind::merge, patch);
    world.network.lag(plural, before, Millis{5'000});
    make_run(world, kRunKey.name, params);
    EXPECT_TRUE(world.run_until([this] { return is_over(phase_of(world, kRunKey.name)); }, Millis{120'000}));
    EXPECT_EQ(phase_of(world, kRunKey.name), "Succeeded") << world.find("pipelineruns", kRunKey)["status"].dump(2);
  }
  // Of task a's pod.
  json container() const {
    for (const Object& pod : world.all("pods")) {
      if ((*pod)["metadata"]["labels"].value(render::kTaskName, "") == "a") return (*pod)["spec"]["containers"][0];
    }
    return json::object();
  }
  void TearDown() override {
    if (HasFailure()) std::puts(world.trace().c_str());
  }

  SimWorld world{seeds(1).front(), platform_script};
};

TEST_F(StaleSource, ARunExecutesThePipelineThatWasUpdatedJustBefore) {
  const ObjectKey key{kRunKey.ns, "diamond"};
  json tasks = world.find("pipelines", key)["spec"]["tasks"];
  tasks[0]["args"] = {"${params.day}"};
  const json params = {{{"name", "day"}, {"default", "sunday"}}};
  change_and_run("pipelines", key, {{"spec", {{"params", params}, {"tasks", tasks}}}}, {{"day", "monday"}});
  EXPECT_EQ(container().value("args", json()), json::array({"monday"}));
}

TEST_F(StaleSource, ARunExecutesThePipelineThatWasUpdatedJustBeforeAlsoWithoutParams) {
  const ObjectKey key{kRunKey.ns, "diamond"};
  json tasks = world.find("pipelines", key)["spec"]["tasks"];
  tasks[0]["args"] = {"new"};
  change_and_run("pipelines", key, {{"spec", {{"tasks", tasks}}}}, json::object());
  EXPECT_EQ(container().value("args", json()), json::array({"new"}));
}

TEST_F(StaleSource, ARunHasTheEnvironmentOfTheWorkspaceThatWasUpdatedJustBefore) {
  const json env = {{{"name", "STAGE"}, {"value", "new"}}};
  change_and_run("workspaces", kWorkspace, {{"spec", {{"env", env}}}}, json::object());
  EXPECT_THAT(container().value("env", json::array()), ::testing::Contains(env[0]));
}

TEST_F(StaleSource, ARunOfAPipelineThatNobodyHasHeardOfStarts) {
  const ObjectKey key{kRunKey.ns, "diamond"};
  json pipeline = world.find("pipelines", key);
  world.model.remove(kind_of("pipelines"), key, {});
  world.run_for(Millis{5'000});
  const std::uint64_t before = world.model.store().version();
  world.create({{"apiVersion", pipeline["apiVersion"]},
                {"kind", "Pipeline"},
                {"metadata", {{"name", key.name}, {"namespace", key.ns}}},
                {"spec", pipeline["spec"]}});
  world.network.lag("pipelines", before, Millis{5'000});
  make_run(world, kRunKey.name);
  EXPECT_TRUE(world.run_until([this] { return is_over(phase_of(world, kRunKey.name)); }, Millis{120'000}));
  EXPECT_EQ(phase_of(world, kRunKey.name), "Succeeded");
  for (const Object& event : world.all("events")) EXPECT_NE((*event)["reason"], "PipelineNotFound");
}

}  // namespace
}  // namespace atelier::sim
