#include "unit/cli/command_line.h"

namespace atelier::cli {
namespace {

using nlohmann::json;

class Describe : public CommandLine {};

json condition(const char* type, const char* status, const char* reason, const char* message) {
  return {{"type", type},
          {"status", status},
          {"reason", reason},
          {"message", message},
          {"lastTransitionTime", "2026-01-01T00:00:00Z"}};
}

TEST_F(Describe, ARunTellsItsTasksAndTheirEnds) {
  given(object("PipelineRun", "orders-1",
               {{"pipeline", {{"name", "orders"}}}, {"params", {{"day", "monday"}}}, {"author", "alice"}},
               {{"phase", "Failed"},
                {"startTime", "2026-01-01T00:00:00Z"},
                {"completionTime", "2026-01-01T00:01:30Z"},
                {"counts", {{"total", 2}, {"succeeded", 1}, {"failed", 1}}},
                {"tasks",
                 {{{"name", "extract"}, {"state", "Succeeded"}, {"attempt", 1}},
                  {{"name", "load"},
                   {"state", "Failed"},
                   {"attempt", 3},
                   {"restarts", 1},
                   {"reason", "TaskFailed"},
                   {"message", "exit code 1: \x1b]0;evil\x07"}}}},
                {"conditions", {condition("Succeeded", "False", "Failed", "1 of 2 tasks succeeded")}}}));
  world.run_for(std::chrono::minutes{5});
  const Said said = run({"describe", "run", "orders-1"});
  EXPECT_EQ(said.out,
            "Name:         orders-1\n"
            "Namespace:    team-a\n"
            "Made:         5m ago\n"
            "Pipeline:     orders\n"
            "Phase:        Failed\n"
            "Tasks:        1 of 2 succeeded, 1 failed\n"
            "Started:      5m ago\n"
            "Ended:        3m30s ago\n"
            "Duration:     90s\n"
            "Parameters:   day=monday\n"
            "Author:       alice\n"
            "\n"
            "Conditions:\n"
            "  TYPE        STATUS   REASON   SINCE   MESSAGE\n"
            "  Succeeded   False    Failed   5m      1 of 2 tasks succeeded\n"
            "\n"
            "Tasks:\n"
            "  TASK      STATE       ATTEMPT                REASON       DURATION   MESSAGE\n"
            "  extract   Succeeded   1                      <none>       <none>     \n"
            "  load      Failed      3 (1 by the cluster)   TaskFailed   <none>     exit code 1: \\x1b]0;evil\\x07\n")
      << said.err;
}

TEST_F(Describe, EventsOfTheObjectAreShownWithHowOften) {
  sim::make_diamond(world);
  const json made = world.find("pipelines", {kTeam, "diamond"});
  world.create({{"apiVersion", "v1"},
                {"kind", "Event"},
                {"metadata", {{"name", "e"}, {"namespace", kTeam}}},
                {"involvedObject", {{"uid", made["metadata"]["uid"]}}},
                {"type", "Warning"},
                {"reason", "Cycle"},
                {"message", "a -> b -> a"},
                {"count", 3},
                {"lastTimestamp", "2026-01-01T00:00:00Z"}});
  const Said said = run({"describe", "pipeline", "diamond"});
  EXPECT_NE(
      said.out.find("Events:\n  AGE   TYPE      REASON       MESSAGE\n  0s    Warning   Cycle (x3)   a -> b -> a\n"),
      std::string::npos)
      << said.out << said.err;
  EXPECT_NE(said.out.find("d      b, c     once"), std::string::npos) << said.out;
}

TEST_F(Describe, EveryKindCanBeDescribed) {
  sim::make_platform(world);
  given(object("Approval", "word",
               {{"run", {{"name", "r"}, {"uid", "u"}}}, {"task", "t"}, {"decision", "Reject"}, {"user", "bob"}}));
  for (const auto& [kind, name] : std::vector<std::pair<std::string, std::string>>{
           {"workspace", "ws-1"}, {"businessdomain", "retail"}, {"approval", "word"}}) {
    const Said said = run({"describe", kind, name});
    EXPECT_EQ(said.code, kDone) << said.err;
    EXPECT_NE(said.out.find(name), std::string::npos);
  }
  EXPECT_EQ(run({"describe", "dd", "dd01", "-n", "bd01"}).code, kDone);
}

TEST_F(Describe, AnObjectOfALaterVersionIsSaidToBeOne) {
  given(object("PipelineRun", "new", {{"pipeline", {{"name", "orders"}}}, {"suspend", "perhaps"}}));
  const Said said = run({"describe", "run", "new"});
  EXPECT_EQ(said.code, kFailed);
  EXPECT_NE(said.err.find("is it older than the CRDs?"), std::string::npos) << said.err;
}

}  // namespace
}  // namespace atelier::cli
