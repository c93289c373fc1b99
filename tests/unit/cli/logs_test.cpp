#include <gmock/gmock.h>

#include <map>
#include <utility>

#include "cli/output_lines.h"
#include "unit/cli/command_line.h"

namespace atelier::cli {
namespace {

using nlohmann::json;

TEST(OutputLines, CutsPiecesIntoLinesWithTheirTimes) {
  std::vector<std::string> seen;
  OutputLines lines{[&](const std::string& time, const std::string& line) { seen.push_back(time + "|" + line); }};
  lines.feed("2026-01-01T00:00:00.5Z one\n2026-01-01T00:00:01Z t");
  lines.feed("wo\r\n\n2026-01-01T00:00:02Z \n2026-01-01T00:00:03Z \x1b[31mred\x1b[0m\x1b[2J\nno time");
  lines.finish();
  EXPECT_EQ(seen, (std::vector<std::string>{"2026-01-01T00:00:00.5Z|one", "2026-01-01T00:00:01Z|two", "|",
                                            "2026-01-01T00:00:02Z|", "2026-01-01T00:00:03Z|red\\x1b[2J", "|no time"}));
}

TEST(OutputLines, TimesWithFewerDigitsAreComparedAsTimes) {
  EXPECT_LT(comparable_time("2026-01-01T00:00:00Z"), comparable_time("2026-01-01T00:00:00.000000001Z"));
  EXPECT_LT(comparable_time("2026-01-01T00:00:00.5Z"), comparable_time("2026-01-01T00:00:00.51Z"));
  EXPECT_EQ(comparable_time("2026-01-01T00:00:00.5Z"), comparable_time("2026-01-01T00:00:00.500Z"));
}

TEST(OutputLines, APrefixTellsItemAndAttempt) {
  EXPECT_EQ(prefix_of("load", -1, 1), "load | ");
  EXPECT_EQ(prefix_of("load", 3, 2), "load[3]#2 | ");
}

class Logs : public CommandLine {
 protected:
  Logs() {
    given(object("PipelineRun", "r", {{"pipeline", {{"name", "orders"}}}}, {{"phase", "Running"}}));
    uid = world.find("pipelineruns", {kTeam, "r"})["metadata"]["uid"];
    answer = [this](const http::Request& request) -> std::optional<http::Response> {
      for (const auto& [pod, text] : written) {
        if (request.target.find("/pods/" + pod + "/log?") == std::string::npos) continue;
        if (text.empty()) return http::Response{500, {}, R"({"kind":"Status","message":"no route to its node"})"};
        return http::Response{200, {}, text};
      }
      return std::nullopt;
    };
  }

  // One whose output is empty cannot be read.
  void pod(const std::string& name, const std::string& task, const std::string& text, int attempt = 1) {
    world.create({{"apiVersion", "v1"},
                  {"kind", "Pod"},
                  {"metadata",
                   {{"name", name},
                    {"namespace", kTeam},
                    {"labels",
                     {{"atelier.dev/run-uid", uid},
                      {"atelier.dev/task", task},
                      {"atelier.dev/attempt", std::to_string(attempt)}}}}},
                  {"spec", {{"nodeName", "n"}}}});
    const json ended = {{"exitCode", 0}, {"startedAt", "2026-01-01T00:00:00Z"}, {"finishedAt", "2026-01-01T00:00:09Z"}};
    const json container = {{"name", "task"}, {"state", {{"terminated", ended}}}};
    world.model.patch(sim::kind_of("pods"), {kTeam, name}, sim::PatchKind::merge,
                      {{"status", {{"phase", "Succeeded"}, {"containerStatuses", json::array({container})}}}},
                      "status");
    written[name] = text;
  }

  std::string uid;
  std::map<std::string, std::string> written;
};

TEST_F(Logs, OfARunAreInterleavedInTheOrderOfTime) {
  pod("p-1", "extract", "2026-01-01T00:00:01Z first\n2026-01-01T00:00:03Z third\n");
  pod("p-2", "load", "2026-01-01T00:00:02Z second \x1b[2J\n2026-01-01T00:00:04.1Z fourth", 2);
  EXPECT_EQ(run({"logs", "r"}).out, "extract | first\nload#2 | second \\x1b[2J\nextract | third\nload#2 | fourth\n");
}

TEST_F(Logs, OfOneTaskAreAsTheyWereWritten) {
  pod("p-1", "extract", "2026-01-01T00:00:01Z first\n");
  pod("p-2", "load", "2026-01-01T00:00:02Z second\n");
  EXPECT_EQ(run({"logs", "r", "load", "--tail", "5"}).out, "second\n");
  EXPECT_NE(requests.back().find("tailLines=5"), std::string::npos) << requests.back();
}

TEST_F(Logs, WhatIsNotThereIsExplained) {
  const Said said = run({"logs", "r"});
  EXPECT_EQ(said.code, kFailed);
  EXPECT_EQ(said.err, "atelier: run \"r\" has written nothing yet\n");
  EXPECT_EQ(run({"logs", "r", "no task"}).code, kUsage);
  EXPECT_EQ(run({"logs", "gone"}).code, kFailed);
}

TEST_F(Logs, APodThatCannotBeReadDoesNotHideTheOthers) {
  pod("p-1", "extract", "");
  pod("p-2", "load", "2026-01-01T00:00:02Z second\n");
  Said said = run({"logs", "r"});
  EXPECT_EQ(said.code, kDone);
  EXPECT_EQ(said.out, "load | second\n");
  EXPECT_EQ(said.err, "the output of pod p-1 of task extract cannot be had: no route to its node\n");
  written["p-2"] = "";
  said = run({"logs", "r"});
  EXPECT_EQ(said.code, kFailed);
  EXPECT_EQ(std::count(said.err.begin(), said.err.end(), '\n'), 2) << said.err;
}

TEST_F(Logs, APodThatWasEvictedBeforeItsContainerBeganIsNotAsked) {
  pod("p-1", "extract", "");
  world.model.patch(sim::kind_of("pods"), {kTeam, "p-1"}, sim::PatchKind::merge,
                    {{"status", {{"phase", "Failed"}, {"containerStatuses", nullptr}}}}, "status");
  EXPECT_EQ(
      run({"logs", "r"}).err,
      "atelier: there is no output of run \"r\": container \"task\" did not start in any of its pods; see: atelier "
      "why r\n");
  pod("p-2", "extract", "2026-01-01T00:00:02Z second\n", 2);
  const Said said = run({"logs", "r"});
  EXPECT_EQ(said.out, "extract#2 | second\n");
  EXPECT_EQ(said.err, "");
}

TEST_F(Logs, WhatIsCutOffIsSaidToBeAndASinglePodIsWhole) {
  std::string much;
  while (much.size() < std::size_t{16} << 20U) much += "2026-01-01T00:00:01Z " + std::string(100'000, 'x') + "\n";
  pod("p-1", "extract", much);
  EXPECT_EQ(run({"logs", "r"}).err, "");
  EXPECT_EQ(requests.back().find("limitBytes"), std::string::npos) << requests.back();
  pod("p-2", "load", "2026-01-01T00:00:02Z second\n");
  const Said said = run({"logs", "r"});
  EXPECT_EQ(said.err, "the output of pod p-1 of task extract is cut off after 16 MiB; --tail shows its end\n");
  EXPECT_TRUE(said.out.ends_with("load | second\n"));
}

TEST_F(Logs, ATaskThatTheRunDoesNotHaveIsNotWaitedFor) {
  given(object("PipelineRun", "s", {{"pipeline", {{"name", "orders"}}}},
               {{"phase", "Running"},
                {"counts", {{"total", 1}, {"running", 1}}},
                {"tasks", {{{"name", "load"}, {"state", "Running"}}}}}));
  EXPECT_EQ(run({"logs", "s", "laod", "-f"}).err,
            "atelier: run \"s\" has no task \"laod\"; see: atelier describe run s\n");
}

TEST_F(Logs, ATaskThatTheRunDoesNotTellOfIsFollowedToTheEndOfItsPods) {
  const json other = {{"name", "other"}, {"state", "Running"}};
  world.model.patch(sim::kind_of("pipelineruns"), {kTeam, "r"}, sim::PatchKind::merge,
                    {{"status", {{"counts", {{"total", 90}}}, {"tasks", json::array({other})}}}}, "status");
  pod("p-1", "load", "2026-01-01T00:00:02Z all\n");
  const Said said = run({"logs", "r", "load", "-f"});
  EXPECT_EQ(said.code, kDone) << said.err;
  EXPECT_EQ(said.out, "load | all\n");
}

class Follow : public CommandLine {
 protected:
  // Each pod has written a line by the time it is asked for; `refusals` of the requests are not answered.
  void diamond(int refusals, int status = 503) {
    sim::make_platform(world);
    sim::make_diamond(world);
    world.start_operator();
    world.run_until([&] { return sim::is_published(world); }, std::chrono::minutes{5});
    sim::make_run(world, "diamond-1");
    answer = [this, refusals, status](const http::Request& request) mutable -> std::optional<http::Response> {
      if (request.target.find("follow=true") == std::string::npos) return std::nullopt;
      if (refusals-- > 0)
        return http::Response{status, {}, R"({"kind":"Status","message":"not now","reason":"Forbidden"})"};
      const std::string pod = request.target.substr(0, request.target.find('?'));
      std::string& line = lines[pod];  // the same whenever it is asked for
      if (line.empty()) line = "2026-01-01T00:00:00." + std::to_string(100 + lines.size()) + "Z line\n";
      if (endings.contains(pod)) line += std::exchange(endings[pod], "");
      endings.try_emplace(pod, ending);
      return http::Response{200, {}, line};
    };
  }
  std::string ending;                          // what a pod writes after its first stream has ended
  std::map<std::string, std::string> lines;    // by pod
  std::map<std::string, std::string> endings;  // by pod
};

TEST_F(Follow, GoesOnAcrossTasksAndAttemptsUntilTheRunIsOver) {
  diamond(0);
  const Said said = run({"logs", "diamond-1", "-f"});
  EXPECT_EQ(said.code, kDone) << said.err;
  EXPECT_EQ(sim::phase_of(world, "diamond-1"), "Succeeded");
  EXPECT_EQ(said.out.substr(0, 9), "a | line\n");
  for (const char* line : {"b | line\n", "c | line\n", "c#2 | line\n", "d | line\n", "e | line\n"}) {
    EXPECT_NE(said.out.find(line), std::string::npos) << said.out;
  }
  EXPECT_EQ(std::count(said.out.begin(), said.out.end(), '\n'), 6) << said.out;
}

TEST_F(Follow, OfOneTaskEndsWithIt) {
  diamond(0);
  EXPECT_EQ(run({"logs", "diamond-1", "c", "-f"}).out, "c | line\nc#2 | line\n");
  EXPECT_EQ(sim::phase_of(world, "diamond-1"), "Running");
}

TEST_F(Follow, AStreamThatBreaksOffIsTakenUpAgain) {
  diamond(3);
  const Said said = run({"logs", "diamond-1", "-f"});
  EXPECT_EQ(said.code, kDone) << said.err;
  EXPECT_EQ(std::count(said.out.begin(), said.out.end(), '\n'), 6) << said.out;
}

TEST_F(Follow, AStreamThatEndsBeforeItsContainerIsTakenUpAgain) {
  ending = "2026-01-01T00:00:05Z more\n";
  diamond(0);
  EXPECT_EQ(run({"logs", "diamond-1", "c", "-f"}).out, "c | line\nc | more\nc#2 | line\nc#2 | more\n");
}

TEST_F(Follow, OutputThatCannotBeHadIsSaidAndTheRestGoesOn) {
  diamond(100'000, 500);
  const Said said = run({"logs", "diamond-1", "-f"});
  EXPECT_EQ(said.code, kDone);
  EXPECT_EQ(std::count(said.err.begin(), said.err.end(), '\n'), 6) << said.err;
  EXPECT_EQ(said.out, "");
}

TEST_F(Follow, WhoMayNotReadLogsIsToldSo) {
  diamond(1, 403);
  const Said said = run({"logs", "diamond-1", "-f"});
  EXPECT_EQ(said.code, kFailed);
  EXPECT_EQ(said.err, "atelier: not now; ask whoever runs the platform for it, and see: atelier doctor\n");
}

}  // namespace
}  // namespace atelier::cli
