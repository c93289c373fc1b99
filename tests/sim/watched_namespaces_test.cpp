// An operator of chosen namespaces, in a cluster that lets it do nothing elsewhere.
#include <gmock/gmock.h>

#include "atelier/base/log.h"
#include "sim/fixtures.h"

namespace atelier::sim {
namespace {

using nlohmann::json;

struct Limited {
  explicit Limited(std::vector<std::string> chosen) : world(1, platform_script) {
    log::set_level(log::Level::error);
    world.watches.chosen = std::move(chosen);
    world.network.set_errors([this](const http::Request& request, Phase phase) -> std::optional<http::Response> {
      if (phase != Phase::before || permitted(request.target)) return std::nullopt;
      forbidden.push_back(request.target);
      http::Response response;
      response.status = 403;
      response.body = R"({"kind":"Status","status":"Failure","reason":"Forbidden","code":403})";
      return response;
    });
    make_platform(world);
    world.model.remove(kind_of("businessdomains"), {"", "retail"}, {});
  }

  // As the Roles of deploy/overlays/one-namespace, one in each namespace.
  bool permitted(const std::string& target) const {
    if (target.find("/namespaces/atelier-system/leases") != target.npos) return true;
    for (const std::string& ns : world.watches.chosen) {
      if (target.find("/namespaces/" + ns + "/") != target.npos) return true;
    }
    return false;
  }

  json ready_of(const std::string& plural, const ObjectKey& key) const {
    const json found = world.find(plural, key);
    for (const json& one : found.value(json::json_pointer("/status/conditions"), json::array())) {
      if (one["type"] == "Ready") return one;
    }
    return {{"reason", ""}, {"message", ""}};
  }

  SimWorld world;
  std::vector<std::string> forbidden;
};

TEST(WatchedNamespaces, AWorkspaceGoesLiveAndARunSucceedsWithNoRightElsewhere) {
  Limited limited{{"bd01", "team-a"}};
  SimWorld& world = limited.world;
  world.create({{"apiVersion", "atelier.dev/v1alpha1"},
                {"kind", "Workspace"},
                {"metadata", {{"name", "elsewhere"}, {"namespace", "team-b"}}},
                {"spec",
                 {{"dataDomain", {{"name", "dd01"}, {"namespace", "bd01"}}},
                  {"image", {{"repository", "registry/ws-1"}, {"tag", "1.0"}}},
                  {"dags", {{"path", "/dags"}}}}}});
  world.start_operator();
  EXPECT_TRUE(world.run_until([&] { return is_published(world); }, Millis{300'000})) << world.trace();
  make_diamond(world);
  make_run(world, kRunKey.name);
  EXPECT_TRUE(world.run_until([&] { return is_over(phase_of(world, kRunKey.name)); }, Millis{600'000}));
  EXPECT_EQ(phase_of(world, kRunKey.name), "Succeeded") << world.trace();
  EXPECT_THAT(limited.forbidden, ::testing::IsEmpty());
  EXPECT_FALSE(world.find("workspaces", {"team-b", "elsewhere"}).contains("status"));
  EXPECT_THAT(limited.ready_of("datadomains", {"bd01", "dd01"})["message"].get<std::string>(),
              ::testing::HasSubstr("the operator watches chosen namespaces only: no BusinessDomain is asked"));
}

TEST(WatchedNamespaces, ADataDomainInAnotherIsToldAndNothingIsAskedOfIt) {
  Limited limited{{"team-a"}};
  SimWorld& world = limited.world;
  world.start_operator();
  world.run_for(Millis{120'000});
  const json ready = limited.ready_of("workspaces", kWorkspace);
  EXPECT_EQ(ready["reason"], "NamespaceNotWatched");
  EXPECT_THAT(ready["message"].get<std::string>(), ::testing::HasSubstr("\"bd01\""));
  const std::size_t writes = world.network.writes();
  world.run_for(Millis{600'000});
  EXPECT_EQ(world.network.writes(), writes) << "it waits for nothing";
  make_diamond(world);
  make_run(world, kRunKey.name);
  world.run_for(Millis{60'000});
  EXPECT_EQ(limited.ready_of("pipelines", {"team-a", "diamond"})["reason"], "NamespaceNotWatched");
  EXPECT_EQ(world.find("pipelineruns", kRunKey)["status"]["conditions"][0]["reason"], "NamespaceNotWatched");
  EXPECT_THAT(limited.forbidden, ::testing::IsEmpty());
}

TEST(WatchedNamespaces, ARunWhoseDataDomainIsNotWatchedAnyMoreSaysSo) {
  Limited limited{{"bd01", "team-a"}};
  SimWorld& world = limited.world;
  make_diamond(world);
  make_run(world, kRunKey.name);
  world.start_operator();
  ASSERT_TRUE(world.run_until([&] { return phase_of(world, kRunKey.name) == "Running"; }, Millis{300'000}));
  world.crash();
  world.watches.chosen = {"team-a"};
  world.start_operator();
  world.run_for(Millis{600'000});
  EXPECT_EQ(phase_of(world, kRunKey.name), "Running");
  EXPECT_THAT(world.find("pipelineruns", kRunKey)["status"]["conditions"][0]["message"].get<std::string>(),
              ::testing::HasSubstr("is not admitted any more: spec.dataDomain: this operator does not watch"));
}

// Its Workspace published while its namespace was watched, and is there still.
TEST(WatchedNamespaces, ANameOfANamespaceThatIsNotWatchedAnyMoreStaysOnTheStorage) {
  Limited limited{{"bd01", "team-a"}};
  SimWorld& world = limited.world;
  world.start_operator();
  ASSERT_TRUE(world.run_until([&] { return is_published(world); }, Millis{300'000})) << world.trace();
  world.run_for(Millis{60'000});
  world.crash();
  world.watches.chosen = {"bd01"};
  world.start_operator();
  world.run_for(Millis{600'000});
  const json domain = world.find("datadomains", {"bd01", "dd01"});
  EXPECT_EQ(domain["status"]["claims"].size(), 1U);
  EXPECT_THAT(limited.ready_of("datadomains", {"bd01", "dd01"})["message"].get<std::string>(),
              ::testing::HasSubstr("keep their names there: team-a"));
  EXPECT_FALSE(domain["status"]["claims"][0].value("sweeping", false));
  EXPECT_THAT(limited.forbidden, ::testing::IsEmpty());
}

}  // namespace
}  // namespace atelier::sim
