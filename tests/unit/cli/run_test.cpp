// Verbs that make and change, against the whole operator in virtual time.
#include <gmock/gmock.h>

#include "cli/new_run.h"
#include "cli/refusals.h"
#include "unit/cli/command_line.h"

namespace atelier::cli {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

class Run : public CommandLine {
 protected:
  void platform() {
    sim::make_platform(world);
    sim::make_diamond(world);
    world.start_operator();
    ASSERT_TRUE(world.run_until([&] { return sim::is_published(world); }, std::chrono::minutes{5}));
  }
  void i_am(const std::string& user) {
    answer = [user](const http::Request& request) -> std::optional<http::Response> {
      if (request.target != "/apis/authentication.k8s.io/v1/selfsubjectreviews") return std::nullopt;
      return http::Response{201, {}, json{{"status", {{"userInfo", {{"username", user}}}}}}.dump()};
    };
  }
  json spec_of(const std::string& name) { return world.find("pipelineruns", {kTeam, name})["spec"]; }
};

TEST_F(Run, PrintsTheNameAloneAndFollowsTheRunToItsEnd) {
  platform();
  const Said said = run({"run", "diamond", "--wait"});
  EXPECT_EQ(said.code, kDone) << said.err;
  const std::string name = said.out.substr(0, said.out.size() - 1);
  EXPECT_EQ(sim::phase_of(world, name), "Succeeded");
  EXPECT_THAT(said.err, HasSubstr("a: Running\n"));
  EXPECT_THAT(
      said.err,
      HasSubstr(
          "c: Waiting TaskFailed: attempt 1 failed (TaskFailed: exit code 3: the disk was full); the next starts at "));
  EXPECT_THAT(said.err, HasSubstr("c: Succeeded (attempt 2)\n"));
  EXPECT_THAT(said.err, HasSubstr(name + ": Succeeded\n"));
  EXPECT_EQ(said.err.find('\x1b'), std::string::npos);
}

TEST_F(Run, OnAScreenLinesAreWrittenOver) {
  platform();
  screen = true;
  const Said said = run({"run", "diamond", "--wait"});
  EXPECT_EQ(said.code, kDone);
  EXPECT_THAT(said.err, HasSubstr("\x1b[1A\x1b[J"));
}

TEST_F(Run, AFailureIsTheExitCodeAndSaysWhy) {
  platform();
  given(object("Pipeline", "missing", {{"workspace", {{"name", "nowhere"}}}, {"tasks", {{{"name", "a"}}}}}));
  Said said = run({"run", "missing", "--wait", "--timeout", "30s"});
  EXPECT_EQ(said.code, kFailed);
  EXPECT_THAT(said.err, HasSubstr("is still under way after 30s and goes on; see: atelier why missing-"));
  const std::string name = said.out.substr(0, said.out.size() - 1);
  said = run({"why", name});
  EXPECT_THAT(said.out, HasSubstr("WorkspaceNotFound"));
  EXPECT_THAT(said.out, HasSubstr("Next: atelier why workspace nowhere -n team-a\n"));
  EXPECT_EQ(run({"cancel", name, "-m", "no use"}).code, kDone);
  EXPECT_EQ(spec_of(name)["cancel"]["reason"], "no use");
}

TEST_F(Run, ParametersAreCheckedBeforeAnythingIsMade) {
  given(object("Pipeline", "orders",
               {{"workspace", {{"name", "ws"}}},
                {"params", {{{"name", "n"}, {"type", "int"}}, {{"name", "day"}, {"default", "x"}}}},
                {"tasks", {{{"name", "a"}}}}}));
  for (const std::vector<std::string>& wrong : {std::vector<std::string>{"-p", "n=five"},
                                                {},
                                                {"-p", "n=5", "-p", "dya=1"},
                                                {"-p", "n"},
                                                {"-p", "n=1", "-p", "n=2"},
                                                {"-p", "n=1", "--name", "Not A Name"},
                                                {"-p", "n=1", "--timeout", "5s"},
                                                {"-p", "n=1", "--wait", "--timeout", "soon"}}) {
    std::vector<std::string> arguments{"run", "orders"};
    arguments.insert(arguments.end(), wrong.begin(), wrong.end());
    const Said said = run(arguments);
    EXPECT_EQ(said.code, kUsage) << said.err;
    EXPECT_EQ(said.out, "");
  }
  EXPECT_TRUE(world.all("pipelineruns").empty());
  const Said said = run({"run", "-p", "n=5", "orders", "-p", "day=a=b"});
  EXPECT_EQ(said.code, kDone) << said.err;
  EXPECT_EQ(spec_of(said.out.substr(0, said.out.size() - 1))["params"], json({{"n", "5"}, {"day", "a=b"}}));
}

TEST_F(Run, WaitingWithoutPermissionToWatchEndsWithASentence) {
  platform();
  answer = [](const http::Request& request) -> std::optional<http::Response> {
    if (request.target.find("watch=1") == std::string::npos ||
        request.target.find("fieldSelector=metadata.name") == std::string::npos) {
      return std::nullopt;
    }
    return http::Response{403, {}, R"({"kind":"Status","reason":"Forbidden","message":"you may not watch"})"};
  };
  const Said said = run({"run", "diamond", "--wait"});
  EXPECT_EQ(said.code, kFailed);
  EXPECT_THAT(said.err, HasSubstr("atelier: you may not watch; ask whoever runs the platform"));
}

TEST_F(Run, ARunThatIsDeletedIsNotWaitedForLonger) {
  given(object("Pipeline", "orders", {{"workspace", {{"name", "ws"}}}, {"tasks", {{{"name", "a"}}}}}));
  const auto killer = world.loop.after(std::chrono::seconds{10},
                                       [&] { world.model.remove(sim::kind_of("pipelineruns"), {kTeam, "mine"}, {}); });
  const Said said = run({"run", "orders", "--name", "mine", "--wait"});
  EXPECT_EQ(said.code, kFailed);
  EXPECT_EQ(said.err.substr(said.err.rfind("atelier:")), "atelier: run \"mine\" was deleted while it was waited for\n");
}

TEST_F(Run, SuspendAndResumeSayWhatTheyDidAndWhatWasSoAlready) {
  given(object("PipelineRun", "r", {{"pipeline", {{"name", "orders"}}}}));
  EXPECT_EQ(run({"suspend", "r"}).out, "run r is suspended: no further task starts, and those that run go on\n");
  EXPECT_EQ(spec_of("r")["suspend"], true);
  EXPECT_EQ(run({"suspend", "r"}).out, "run r is suspended already\n");
  EXPECT_EQ(run({"resume", "r"}).out, "run r goes on\n");
  EXPECT_EQ(spec_of("r").value("suspend", false), false);
}

TEST_F(Run, AChangeThatMeetsAnotherIsDecidedAgain) {
  given(object("PipelineRun", "r", {{"pipeline", {{"name", "orders"}}}}));
  int writes = 0;
  answer = [&](const http::Request& request) -> std::optional<http::Response> {
    if (request.method == http::Method::patch && ++writes == 1) {
      world.model.patch(sim::kind_of("pipelineruns"), {kTeam, "r"}, sim::PatchKind::merge,
                        {{"spec", {{"skip", {"a"}}}}});
    }
    return std::nullopt;
  };
  EXPECT_EQ(run({"cancel", "r", "--no-finally"}).code, kDone);
  EXPECT_EQ(writes, 2);
  EXPECT_EQ(spec_of("r")["cancel"]["finally"], false);
  EXPECT_EQ(spec_of("r")["skip"], json({"a"}));
}

TEST_F(Run, ASecondCancelReplacesAllOfTheFirst) {
  given(object("PipelineRun", "r", {{"pipeline", {{"name", "orders"}}}}));
  EXPECT_EQ(run({"cancel", "r", "--let-running-finish", "--no-finally", "-m", "late"}).code, kDone);
  EXPECT_EQ(spec_of("r")["cancel"], json({{"reason", "late"}, {"letRunningFinish", true}, {"finally", false}}));
  EXPECT_EQ(run({"cancel", "r"}).out, "run r is cancelled: what runs is ended, then its finally tasks run\n");
  EXPECT_EQ(spec_of("r")["cancel"], json({{"letRunningFinish", false}, {"finally", true}}));
  EXPECT_EQ(run({"cancel", "r"}).out, "run r is being cancelled already\n");
}

TEST_F(Run, WhatIsOverCannotBeCancelledButRetried) {
  given(object("PipelineRun", "good", {{"pipeline", {{"name", "orders"}}}},
               {{"phase", "Succeeded"}, {"completionTime", "2026-01-01T00:00:00Z"}}));
  given(object("PipelineRun", "bad", {{"pipeline", {{"name", "orders"}}}},
               {{"phase", "Failed"}, {"completionTime", "2026-01-01T00:00:00Z"}}));
  const Said cancelled = run({"cancel", "bad"});
  EXPECT_EQ(cancelled.code, kFailed);
  EXPECT_THAT(cancelled.err, HasSubstr("is over (Failed)"));
  EXPECT_THAT(run({"retry", "good"}).err, HasSubstr("there is nothing to retry"));
  const Said said = run({"retry", "bad"});
  ASSERT_EQ(said.code, kDone) << said.err;
  const json spec = spec_of(said.out.substr(0, said.out.size() - 1));
  EXPECT_EQ(spec["retryOf"]["name"], "bad");
  EXPECT_EQ(spec["retryOf"]["uid"], world.find("pipelineruns", {kTeam, "bad"})["metadata"]["uid"]);
}

TEST_F(Run, AnApprovalIsGivenInOnesOwnNameWhereItCanCount) {
  given(object("Pipeline", "orders",
               {{"workspace", {{"name", "ws"}}},
                {"tasks", {{{"name", "build"}}, {{"name", "release"}, {"approval", {{"count", 1}}}}}}}));
  i_am("alice");
  const Said made = run({"run", "orders", "--name", "r"});
  ASSERT_EQ(made.code, kDone) << made.err;
  EXPECT_EQ(spec_of("r")["author"], "alice");
  EXPECT_EQ(run({"approve", "r", "release"}).err,
            "atelier: you (alice) started run \"r\", so your own word does not count; ask a colleague\n");
  i_am("bob");
  EXPECT_EQ(run({"approve", "r", "build"}).err,
            "atelier: \"build\" is no task of run \"r\" that people approve; there are release\n");
  EXPECT_EQ(run({"approve", "r", "release", "-m", std::string(300, 'x')}).code, kUsage);
  EXPECT_TRUE(world.all("approvals").empty());
  EXPECT_EQ(run({"approve", "r", "release", "--reject", "-m", "figures"}).out, "release of run r is rejected by bob\n");
  const json word = (*world.all("approvals").at(0))["spec"];
  EXPECT_EQ(word["decision"], "Reject");
  EXPECT_EQ(word["user"], "bob");
  EXPECT_EQ(word["run"]["uid"], world.find("pipelineruns", {kTeam, "r"})["metadata"]["uid"]);
}

TEST_F(Run, AnApprovalOfARunThatStartedDoesNotAskThePipelineAsItIsNow) {
  given(object("Pipeline", "orders", {{"workspace", {{"name", "ws"}}}, {"tasks", {{{"name", "build"}}}}}));
  const json waits = {{"name", "release"}, {"state", "Waiting"}, {"reason", "WaitsForApproval"}};
  given(object("PipelineRun", "r", {{"pipeline", {{"name", "orders"}}}, {"author", "alice"}},
               {{"phase", "Running"}, {"tasks", {waits}}}));
  i_am("bob");
  EXPECT_EQ(run({"approve", "r", "release"}).out, "release of run r is approved by bob\n");
}

TEST_F(Run, CommandsGoToTheSameCluster) {
  given(object("PipelineRun", "bad", {{"pipeline", {{"name", "orders"}}}},
               {{"phase", "Failed"}, {"completionTime", "2026-01-01T00:00:00Z"}}));
  EXPECT_THAT(run({"cancel", "bad", "--context", "it's prod", "-n", kTeam}).err,
              HasSubstr("to run it again: atelier retry --context 'it'\\''s prod' -n team-a bad\n"));
  EXPECT_THAT(run({"why", "bad", "--kubeconfig", "/tmp/k", "-n", kTeam}).out,
              HasSubstr("Next: atelier describe --kubeconfig /tmp/k run bad -n team-a\n"));
  EXPECT_THAT(run({"cancel", "bad"}).err, HasSubstr("to run it again: atelier retry bad\n"));
}

TEST_F(Run, OutputThatCannotBeWrittenIsAFailure) {
  given(object("PipelineRun", "r", {{"pipeline", {{"name", "orders"}}}}));
  full = true;
  const Said said = run({"get"});
  EXPECT_EQ(said.code, kFailed);
  EXPECT_EQ(said.err, "atelier: standard output cannot be written; is the disk full?\n");
}

TEST(Refusals, OneIsFinalBeforeTheFirstListAndTheThirdInARowAfterIt) {
  using namespace std::chrono_literals;
  const Error refused{Errc::unauthorized, "no"};
  const SteadyTime start{};
  EXPECT_TRUE(Refusals{}.is_final(refused, start));
  Refusals refusals;
  refusals.listed();
  EXPECT_FALSE(refusals.is_final({Errc::transport, "no"}, start));
  EXPECT_FALSE(refusals.is_final(refused, start));
  EXPECT_FALSE(refusals.is_final(refused, start + 1s));
  EXPECT_FALSE(refusals.is_final(refused, start + 1h)) << "of another row";
  EXPECT_FALSE(refusals.is_final(refused, start + 1h + 2s));
  EXPECT_TRUE(refusals.is_final(refused, start + 1h + 5s));
}

TEST_F(Run, ARollbackListsChoosesAndLetsGo) {
  const std::string first(64, 'a');
  const std::string second(64, 'b');
  given(object(
      "Workspace", "ws",
      {{"dataDomain", {{"name", "dd"}}}, {"image", {{"repository", "r/ws"}, {"tag", "2"}}}, {"dags", {{"path", "/d"}}}},
      {{"release", {{"id", second}, {"files", 1}, {"bytes", 1}, {"generation", 1}}},
       {"releases", {{{"id", second}, {"image", "r/ws:2"}}, {{"id", first}, {"image", "r/ws:1"}}}}}));
  EXPECT_EQ(run({"rollback", "ws"}).out,
            "RELEASE        STATE   LAST LIVE   IMAGE\n"
            "bbbbbbbbbbbb   live    <none>      r/ws:2\n"
            "aaaaaaaaaaaa   -       <none>      r/ws:1\n");
  EXPECT_EQ(
      run({"rollback", "ws", "aaaaaaaaaaaa"}).out,
      "workspace ws goes to release aaaaaaaaaaaa of r/ws:1, and stays there until: atelier rollback ws --unpin\n");
  const auto release = [&] { return world.find("workspaces", {kTeam, "ws"})["spec"]["dags"].value("release", ""); };
  EXPECT_EQ(release(), "aaaaaaaaaaaa");
  EXPECT_EQ(run({"rollback", "ws", "cccccccccccc"}).code, kFailed);
  EXPECT_EQ(run({"rollback", "ws", "../../etc"}).code, kUsage);
  EXPECT_EQ(run({"rollback", "ws", "aaaaaaaaaaaa", "--unpin"}).code, kUsage);
  EXPECT_EQ(release(), "aaaaaaaaaaaa");
  EXPECT_EQ(run({"rollback", "ws", "--unpin"}).out,
            "workspace ws is not pinned any more: what r/ws:2 holds is published\n");
  EXPECT_EQ(release(), "");
}

TEST(NewRun, TheNameOfAPipelineIsCutToWhatARunsNameTakes) {
  api::Pipeline pipeline;
  pipeline.metadata.name = std::string(200, 'p');
  const auto manifest = new_run(pipeline, "", {}, "");
  ASSERT_TRUE(manifest);
  EXPECT_EQ(manifest.value()["metadata"]["generateName"].get<std::string>().size(), 58U);
}

}  // namespace
}  // namespace atelier::cli
