#include "unit/cli/command_line.h"

namespace atelier::cli {
namespace {

using nlohmann::json;

class Get : public CommandLine {
 protected:
  void runs(int count) {
    for (int i = 0; i < count; ++i) {
      given(object("PipelineRun", "orders-" + std::to_string(i), {{"pipeline", {{"name", "orders"}}}},
                   {{"phase", "Failed"},
                    {"counts", {{"total", 3}, {"succeeded", 1}, {"failed", 1}}},
                    {"state", std::string(1000, 'x')},
                    {"conditions",
                     {{{"type", "Succeeded"},
                       {"status", "False"},
                       {"reason", "RunTimedOut"},
                       {"message", "too slow \x1b[2J"},
                       {"lastTransitionTime", "2026-01-01T00:00:00Z"}}}}}));
    }
  }
};

TEST_F(Get, WithoutAKindListsRuns) {
  runs(1);
  world.run_for(std::chrono::minutes{5});
  const Said said = run({"get"});
  EXPECT_EQ(said.code, kDone) << said.err;
  EXPECT_EQ(said.out,
            "NAME       PIPELINE   PHASE    REASON        SUCCEEDED   FAILED   DURATION   AGE\n"
            "orders-0   orders     Failed   RunTimedOut   1/3         1        <none>     5m\n");
}

TEST_F(Get, EveryNameOfAKindMeansIt) {
  runs(1);
  for (const char* name : {"run", "runs", "plr", "PipelineRun", "pipelineruns", "pipelineruns.atelier.dev"}) {
    EXPECT_EQ(run({"get", name, "-o", "name"}).out, "pipelinerun.atelier.dev/orders-0\n") << name;
  }
}

TEST_F(Get, WideTellsTheMessageWithoutWhatItWouldDoToAScreen) {
  runs(1);
  EXPECT_NE(run({"get", "runs", "orders-0", "-o", "wide"}).out.find("too slow \\x1b[2J"), std::string::npos);
}

TEST_F(Get, ThousandRunsAreTwoRequests) {
  runs(1'000);
  const Said said = run({"get", "runs", "-A"});
  EXPECT_EQ(std::count(said.out.begin(), said.out.end(), '\n'), 1'001);
  EXPECT_EQ(said.out.substr(0, 12), "NAMESPACE   ");
  EXPECT_EQ(requests.size(), 2U) << requests.front();
}

TEST_F(Get, PagesThatAreCompactedAwayAreAskedForInOne) {
  runs(600);
  answer = [](const http::Request& request) -> std::optional<http::Response> {
    if (request.target.find("continue=") == std::string::npos) return std::nullopt;
    return http::Response{410, {}, R"({"kind":"Status","reason":"Expired","code":410,"message":"too old"})"};
  };
  const Said said = run({"get", "-o", "name"});
  EXPECT_EQ(std::count(said.out.begin(), said.out.end(), '\n'), 600);
}

TEST_F(Get, WholeObjectsAreJsonOrYamlThatCanBeRead) {
  runs(2);
  const json list = json::parse(run({"get", "runs", "-o", "json"}).out);
  EXPECT_EQ(list["kind"], "List");
  EXPECT_EQ(list["items"][1]["kind"], "PipelineRun");
  EXPECT_EQ(list["items"][1]["status"]["conditions"][0]["message"], "too slow \x1b[2J");
  EXPECT_NE(run({"get", "run", "orders-1", "-o", "yaml"}).out.find("kind: PipelineRun\n"), std::string::npos);
}

TEST_F(Get, WhatIsNotThereIsSaidWithWhereToLook) {
  EXPECT_EQ(run({"get"}).err, "There are no runs in namespace team-a.\n");
  EXPECT_EQ(run({"get"}).code, kDone);
  const Said said = run({"get", "pipeline", "no"});
  EXPECT_EQ(said.code, kFailed);
  EXPECT_EQ(said.err,
            "atelier: there is no pipeline \"no\" in namespace \"team-a\"; see: atelier get pipelines -n team-a\n");
  EXPECT_EQ(said.out, "");
}

TEST_F(Get, WrongUsageIsRefusedBeforeAnythingIsAsked) {
  const std::vector<std::vector<std::string>> wrong{{"get", "pods"},
                                                    {"get", "runs", "A b"},
                                                    {"get", "runs", "x", "-A"},
                                                    {"get", "-o", "xml"},
                                                    {"get", "--no-such"},
                                                    {"fetch"},
                                                    {}};
  for (const auto& arguments : wrong) {
    const Said said = run(arguments);
    EXPECT_EQ(said.code, kUsage) << said.err;
    EXPECT_EQ(said.out, "");
    EXPECT_NE(said.err, "");
    EXPECT_EQ(requests.size(), 0U);
  }
}

TEST_F(Get, FailuresOfTheClusterSayWhatToDo) {
  const auto fails = [this](int status, const std::string& reason, const std::string& message) {
    answer = [=](const http::Request&) {
      return http::Response{status, {}, json{{"kind", "Status"}, {"reason", reason}, {"message", message}}.dump()};
    };
    const Said said = run({"get"});
    EXPECT_EQ(said.code, kFailed);
    return said.err;
  };
  EXPECT_EQ(fails(403, "Forbidden", "bob may not"),
            "atelier: bob may not; ask whoever runs the platform for it, and see: atelier doctor\n");
  EXPECT_EQ(fails(401, "Unauthorized", "Unauthorized"),
            "atelier: the cluster does not accept your credentials (Unauthorized); log in again, or choose another "
            "--context\n");
  answer = [](const http::Request&) { return http::Response{404, {}, "404 page not found\n"}; };
  EXPECT_EQ(run({"get"}).err,
            "atelier: the cluster does not know the kinds of atelier.dev; an administrator installs them with: kubectl "
            "apply --server-side -k crds\n");
}

TEST_F(Get, PhasesHaveColoursOnAScreenOnly) {
  runs(1);
  EXPECT_EQ(run({"get"}).out.find('\x1b'), std::string::npos);
  screen = true;
  EXPECT_NE(run({"get"}).out.find("\x1b[31mFailed\x1b[0m"), std::string::npos);
}

TEST_F(Get, HelpNamesTheProgramAsItWasCalled) {
  EXPECT_NE(run({"get", "--help"}).out.find("atelier get"), std::string::npos);
  called = "/usr/local/bin/kubectl-atelier";
  EXPECT_NE(run({"get", "--help"}).out.find("kubectl atelier get"), std::string::npos);
  EXPECT_EQ(run({"--help"}).code, kDone);
  EXPECT_NE(run({"get", "run", "no"}).err.find("; see: kubectl atelier get runs"), std::string::npos);
}

}  // namespace
}  // namespace atelier::cli
