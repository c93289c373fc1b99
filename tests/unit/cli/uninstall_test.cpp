// The verb against a model of the API server, and the whole operator, in virtual time.
#include <gmock/gmock.h>

#include <algorithm>

#include "cli/held_pods.h"
#include "render/labels.h"
#include "unit/cli/command_line.h"

namespace atelier::cli {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

json pod(const std::string& name, const json& finalizers) {
  return {{"apiVersion", "v1"},
          {"kind", "Pod"},
          {"metadata",
           {{"name", name},
            {"namespace", "team-a"},
            {"uid", name},
            {"labels", json::object()},
            {"finalizers", finalizers}}},
          {"spec", {{"containers", {{{"name", "task"}, {"image", "team/task:1"}}}}}}};
}

std::vector<std::string> names_in(const std::vector<HeldPod>& pods) {
  std::vector<std::string> out;
  for (const HeldPod& one : pods) out.push_back(one->name);
  return out;
}

TEST(HeldPods, AreThoseThatBearOurFinalizerWhateverElseTheyBear) {
  std::string body = json{{"kind", "PodList"},
                          {"metadata", {{"resourceVersion", "7"}, {"continue", "next"}}},
                          {"items",
                           {pod("ours", {render::kResultFinalizer}), pod("others", {"example.com/x"}),
                            pod("both", {"example.com/x", render::kResultFinalizer}), pod("none", json::array()),
                            pod("like", {"atelier.dev/results"})}}}
                         .dump();
  const auto page = read_held(body);
  ASSERT_TRUE(page) << page.error().message;
  EXPECT_THAT(names_in(page.value().pods), ElementsAre("ours", "both"));
  EXPECT_EQ(page.value().pods[1]->result_finalizer, 1);
  EXPECT_EQ(page.value().continue_token, "next");
}

TEST(HeldPods, APageThatCannotBeReadIsNoEmptyOne) {
  for (std::string body : {R"({"items": [{"metadata": {"name": "a", "finalizers": 5}}]})", R"({"items": [)", "no"}) {
    const auto page = read_held(body);
    ASSERT_FALSE(page) << body;
    EXPECT_EQ(page.error().code, Errc::server);
  }
}

TEST(HeldPods, WhatBecameOfARelease) {
  const auto after = [](Errc code) { return release_of(Error{code, "no"}); };
  EXPECT_EQ(release_of(json::object()), Release::done);
  EXPECT_EQ(after(Errc::not_found), Release::gone);
  EXPECT_EQ(after(Errc::invalid), Release::again) << "another's finalizer came or went: ours is elsewhere in the list";
  EXPECT_EQ(after(Errc::conflict), Release::again);
  EXPECT_EQ(after(Errc::transport), Release::again) << "it may have been applied";
  EXPECT_EQ(after(Errc::throttled), Release::again);
  EXPECT_EQ(after(Errc::forbidden), Release::refused);
}

class Uninstall : public CommandLine {
 protected:
  void make(const std::string& name, const json& finalizers, const std::string& ns = kTeam) {
    json document = pod(name, finalizers);
    document["metadata"]["namespace"] = ns;
    document["metadata"].erase("uid");
    world.create(document);
  }
  json finalizers_of(const std::string& name) {
    return world.find("pods", {kTeam, name})["metadata"].value("finalizers", json::array());
  }
  std::vector<std::string> held() {
    std::vector<std::string> out;
    for (const sim::Object& one : world.all("pods")) {
      for (const json& finalizer : (*one)["metadata"].value("finalizers", json::array())) {
        if (finalizer == render::kResultFinalizer) out.push_back((*one)["metadata"]["name"].get<std::string>());
      }
    }
    return out;
  }
  json lease() { return world.find("leases", {"atelier-system", "atelier-operator"}); }
  std::size_t patches() const {
    return static_cast<std::size_t>(std::count_if(
        requests.begin(), requests.end(), [](const std::string& one) { return one.starts_with("PATCH /api/v1/"); }));
  }
  // A run whose first task runs, and an operator that leads.
  void work() {
    sim::make_platform(world);
    sim::make_diamond(world);
    sim::make_run(world, "diamond-1");
    world.start_operator();
    ASSERT_TRUE(world.run_until([this] { return !held().empty(); }, std::chrono::minutes{5}));
  }
};

TEST_F(Uninstall, IsRefusedWhileAnOperatorRuns) {
  work();
  const Said said = run({"uninstall"});
  EXPECT_EQ(said.code, kFailed);
  EXPECT_THAT(said.err, HasSubstr("still runs, and would put back what is taken off; stop it first: kubectl delete "
                                  "deployment atelier-operator -n atelier-system\n"));
  EXPECT_EQ(said.out, "");
}

TEST_F(Uninstall, WaitsUntilTheLeaseOfOneThatCrashedIsStaleAndReleasesEveryPod) {
  work();
  world.crash();
  const auto before = held();
  const Said said = run({"uninstall"});
  EXPECT_EQ(said.code, kDone) << said.err;
  EXPECT_THAT(said.out, HasSubstr("pod team-a/" + before[0] + ": released\n"));
  EXPECT_THAT(said.out, HasSubstr(" released; none bears a finalizer of Atelier any more\n"));
  EXPECT_THAT(held(), IsEmpty());
  EXPECT_EQ(lease()["spec"]["holderIdentity"], "") << "the next operator need not wait";
  EXPECT_FALSE(world.find("pipelineruns", {kTeam, "diamond-1"}).is_null());
  EXPECT_EQ(run({"uninstall"}).out, "0 pods released; none bears a finalizer of Atelier any more\n");
}

TEST_F(Uninstall, AnOperatorThatIsStartedMeanwhileWaits) {
  make("a", {render::kResultFinalizer});
  std::string holder;
  answer = [&](const http::Request& request) -> std::optional<http::Response> {
    if (request.method == http::Method::patch && request.target.find("/pods/") != std::string::npos) {
      holder = lease()["spec"]["holderIdentity"].get<std::string>();
    }
    return std::nullopt;
  };
  EXPECT_EQ(run({"uninstall", "--operator-namespace", "atelier-system"}).code, kDone);
  EXPECT_THAT(holder, ::testing::StartsWith("atelier-uninstall_"));
}

TEST_F(Uninstall, WithoutALeaseItAsksWhereTheOperatorWas) {
  make("a", {render::kResultFinalizer});
  const Said said = run({"uninstall"});
  EXPECT_EQ(said.code, kFailed);
  EXPECT_THAT(said.err, HasSubstr("no operator has led in namespace atelier-system; say with --operator-namespace"));
  EXPECT_THAT(held(), ElementsAre("a"));
  EXPECT_EQ(run({"uninstall", "--force"}).code, kDone);
  EXPECT_THAT(held(), IsEmpty());
  EXPECT_TRUE(lease().is_null());
}

TEST_F(Uninstall, WhatMayNotTakeTheLeaseSaysWhichVerbsItNeeds) {
  world.create({{"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", {{"name", "atelier-system"}}}});
  answer = [](const http::Request& request) -> std::optional<http::Response> {
    if (request.method != http::Method::post) return std::nullopt;
    return http::Response{403, {}, R"({"kind":"Status","reason":"Forbidden","message":"no"})"};
  };
  const Said said = run({"uninstall", "--operator-namespace", "atelier-system", "--timeout", "5s"});
  EXPECT_EQ(said.code, kFailed);
  EXPECT_THAT(said.err, HasSubstr("you may get, create and patch leases in that namespace"));
}

TEST_F(Uninstall, WhereTheOperatorsNamespaceIsGoneItSaysWhatToPass) {
  answer = [](const http::Request& request) -> std::optional<http::Response> {
    const bool there = request.target.find("/namespaces/gone") == std::string::npos;
    if (there) return std::nullopt;
    return http::Response{404, {}, R"({"kind":"Status","reason":"NotFound","message":"no"})"};
  };
  const Said said = run({"uninstall", "--operator-namespace", "gone", "--timeout", "5s"});
  EXPECT_EQ(said.code, kFailed);
  EXPECT_EQ(said.err,
            "atelier: there is no namespace gone; say with --operator-namespace where it was, or, if that namespace is "
            "gone and no operator runs, pass --force\n");
}

TEST_F(Uninstall, DryRunWritesNothing) {
  make("a", {render::kResultFinalizer});
  const Said said = run({"uninstall", "--dry-run"});
  EXPECT_EQ(said.code, kDone);
  EXPECT_EQ(said.out, "pod team-a/a: would be released\n1 pod would be released\n");
  EXPECT_THAT(requests, ElementsAre(HasSubstr("GET /api/v1/pods?limit=500")));
}

TEST_F(Uninstall, OfChosenNamespacesAsksAboutNoOther) {
  make("a", {render::kResultFinalizer});
  make("b", {render::kResultFinalizer}, "team-b");
  make("c", {render::kResultFinalizer}, "team-c");
  Said said = run({"uninstall", "--dry-run", "--watch-namespaces", "team-a,team-b"});
  EXPECT_EQ(said.out, "pod team-a/a: would be released\npod team-b/b: would be released\n2 pods would be released\n");
  EXPECT_THAT(requests, ElementsAre(HasSubstr("GET /api/v1/namespaces/team-a/pods?limit=500"),
                                    HasSubstr("GET /api/v1/namespaces/team-b/pods?limit=500")));
  said = run({"uninstall", "--operator-namespace", "atelier-system", "--watch-namespaces=team-a,team-b"});
  EXPECT_EQ(said.code, kDone) << said.err;
  EXPECT_THAT(said.out, HasSubstr("2 pods released; none in team-a, team-b bears a finalizer of Atelier any more\n"));
  EXPECT_THAT(held(), ElementsAre("c"));
  for (const std::string& one : requests) {
    EXPECT_TRUE(one.find("/namespaces/team-a/pods") != one.npos || one.find("/namespaces/team-b/pods") != one.npos ||
                one.find("/namespaces/atelier-system/leases") != one.npos)
        << one;
  }
}

TEST_F(Uninstall, AChosenNamespaceThatMayNotBeListedIsToldAndNothingIsReleased) {
  make("a", {render::kResultFinalizer});
  answer = [](const http::Request& request) -> std::optional<http::Response> {
    if (request.target.find("/namespaces/gone/") == std::string::npos) return std::nullopt;
    return http::Response{403, {}, R"({"kind":"Status","reason":"Forbidden","message":"no list in namespace gone"})"};
  };
  const Said said = run({"uninstall", "--force", "--watch-namespaces", "team-a,gone"});
  EXPECT_EQ(said.code, kFailed);
  EXPECT_THAT(said.err, HasSubstr("no list in namespace gone"));
  EXPECT_THAT(held(), ElementsAre("a"));
}

TEST_F(Uninstall, WhatIsNoListOfNamespacesIsRefusedBeforeAnythingIsAsked) {
  for (const auto& [given, what] : {std::pair{"team-a,Team", "\"Team\" is no name of a namespace"},
                                    {"team-a,", "\"\" is no name of a namespace"},
                                    {"", "\"\" is no name of a namespace"},
                                    {"team-a,team-a", "\"team-a\" is there twice"}}) {
    const Said said = run({"uninstall", "--force", "--watch-namespaces", given});
    EXPECT_EQ(said.code, kUsage) << given;
    EXPECT_THAT(said.err, HasSubstr(std::string("--watch-namespaces: ") + what));
    EXPECT_THAT(requests, IsEmpty());
  }
}

TEST_F(Uninstall, AnothersFinalizerStays) {
  make("a", {"example.com/one", render::kResultFinalizer, "example.com/two"});
  EXPECT_EQ(run({"uninstall", "--force"}).code, kDone);
  EXPECT_EQ(finalizers_of("a"), json::array({"example.com/one", "example.com/two"}));
}

TEST_F(Uninstall, AFinalizerThatMovedInTheListIsReadAgain) {
  make("a", {"example.com/one", render::kResultFinalizer});
  bool moved = false;
  answer = [&](const http::Request& request) -> std::optional<http::Response> {
    if (request.method == http::Method::patch && !std::exchange(moved, true)) {
      world.model.patch(sim::kind_of("pods"), {kTeam, "a"}, sim::PatchKind::merge,
                        {{"metadata", {{"finalizers", {render::kResultFinalizer, "example.com/two"}}}}});
    }
    return std::nullopt;
  };
  EXPECT_EQ(run({"uninstall", "--force"}).code, kDone);
  EXPECT_EQ(finalizers_of("a"), json::array({"example.com/two"}));
  EXPECT_EQ(patches(), 2U);
}

TEST_F(Uninstall, APodThatIsGoneMeanwhileIsNoFailure) {
  make("a", {render::kResultFinalizer});
  answer = [&](const http::Request& request) -> std::optional<http::Response> {
    if (request.method == http::Method::patch) {
      world.model.patch(sim::kind_of("pods"), {kTeam, "a"}, sim::PatchKind::merge,
                        {{"metadata", {{"finalizers", nullptr}}}});
      world.model.remove(sim::kind_of("pods"), {kTeam, "a"}, {"", "", 0});
    }
    return std::nullopt;
  };
  const Said said = run({"uninstall", "--force"});
  EXPECT_EQ(said.code, kDone) << said.err;
  EXPECT_THAT(said.out, Not(HasSubstr("team-a/a: released")));
}

TEST_F(Uninstall, WhatCannotBeReleasedIsAFailureAfterABoundedNumberOfTries) {
  make("a", {render::kResultFinalizer});
  make("b", {render::kResultFinalizer});
  int status = 409;
  answer = [&](const http::Request& request) -> std::optional<http::Response> {
    if (request.method != http::Method::patch || request.target.find("/pods/a") == std::string::npos)
      return std::nullopt;
    const json no = {{"kind", "Status"}, {"reason", status == 409 ? "Conflict" : "Forbidden"}, {"message", "held"}};
    return http::Response{status, {}, no.dump()};
  };
  Said said = run({"uninstall", "--force"});
  EXPECT_EQ(said.code, kFailed);
  EXPECT_THAT(said.err, HasSubstr("not every pod was released: held"));
  EXPECT_EQ(patches(), 6U) << "five for a";
  EXPECT_THAT(held(), ElementsAre("a"));
  status = 403;
  said = run({"uninstall", "--force"});
  EXPECT_EQ(said.code, kFailed);
  EXPECT_EQ(patches(), 1U) << "a permission that lacks does not come by itself";
}

TEST_F(Uninstall, PagesAreReadToTheLastAlsoWhereTheyAreCompactedAway) {
  for (int i = 0; i < 501; ++i) make("p" + std::to_string(i), {render::kResultFinalizer});
  EXPECT_EQ(run({"uninstall", "--dry-run"}).out.substr(0, 4), "pod ");
  EXPECT_THAT(requests, ElementsAre(HasSubstr("limit=500"), HasSubstr("continue=")));
  answer = [](const http::Request& request) -> std::optional<http::Response> {
    if (request.target.find("continue=") == std::string::npos) return std::nullopt;
    return http::Response{410, {}, R"({"kind":"Status","reason":"Expired","message":"too old"})"};
  };
  EXPECT_THAT(run({"uninstall", "--force"}).out, HasSubstr("501 pods released; none bears"));
  EXPECT_THAT(held(), IsEmpty());
}

}  // namespace
}  // namespace atelier::cli
