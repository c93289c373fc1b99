#include <gmock/gmock.h>

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
        if (request.target.find("/pods/" + pod + "/log?") != std::string::npos) return http::Response{200, {}, text};
      }
      return std::nullopt;
    };
  }

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
      return http::Response{200, {}, "2026-01-01T00:00:00." + std::to_string(++lines) + "Z line\n"};
    };
  }
  int lines = 100;
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

TEST_F(Follow, WhoMayNotReadLogsIsToldSo) {
  diamond(1, 403);
  const Said said = run({"logs", "diamond-1", "-f"});
  EXPECT_EQ(said.code, kFailed);
  EXPECT_EQ(said.err, "atelier: not now; ask whoever runs the platform for it, and see: atelier doctor\n");
}

}  // namespace
}  // namespace atelier::cli
