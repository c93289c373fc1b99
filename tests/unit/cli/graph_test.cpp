#include <gmock/gmock.h>

#include "cli/drawing.h"
#include "unit/cli/command_line.h"

namespace atelier::cli {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

class Graph : public CommandLine {
 protected:
  // "b after a" and so on, as the scenarios write it.
  std::string drawn(const std::vector<std::string>& tasks) {
    input =
        "apiVersion: atelier.dev/v1alpha1\nkind: Pipeline\nmetadata: {name: p}\nspec:\n  workspace: {name: ws}\n  "
        "tasks:\n";
    for (const std::string& text : tasks) {
      const std::size_t after = text.find(" after ");
      input += "    - {name: " + text.substr(0, after) + ", command: [x]" +
               (after == std::string::npos ? "" : ", dependsOn: [" + text.substr(after + 7) + "]") + "}\n";
    }
    const Said said = run({"graph", "-"});
    EXPECT_TRUE(requests.empty()) << "no cluster is needed";
    return said.out + said.err;
  }
};

TEST_F(Graph, AChainIsOneRail) { EXPECT_EQ(drawn({"a", "b after a"}), "●  a\n●  b\n"); }

TEST_F(Graph, ADiamondBranchesAndMeetsAgain) {
  EXPECT_EQ(drawn({"a", "b after a", "c after a", "d after b, c"}),
            "●  a\n"
            "├─╮\n"
            "● │  b\n"
            "│ ●  c\n"
            "├─╯\n"
            "●  d\n");
}

TEST_F(Graph, RailsThatCrossAreDrawnThrough) {
  EXPECT_EQ(drawn({"a", "b after a", "c after a", "d after a", "e after b, d", "f after c, e"}),
            "●  a\n"
            "├─┬─╮\n"
            "● │ │  b\n"
            "│ ● │  c\n"
            "│ │ ●  d\n"
            "├─┼─╯\n"
            "● │  e\n"
            "├─╯\n"
            "●  f\n");
}

TEST_F(Graph, BeginningsThatAreNotConnectedStandBesideEachOther) {
  EXPECT_EQ(drawn({"a", "b", "c after a, b"}), "●  a\n│ ●  b\n├─╯\n●  c\n");
}

TEST_F(Graph, TooManyRailsAreNotDrawn) {
  std::vector<std::string> tasks{"a"};
  for (int i = 0; i < 40; ++i) tasks.push_back("t" + std::to_string(i) + " after a");
  EXPECT_THAT(drawn(tasks), HasSubstr("\nt39  after a\n"));
}

TEST_F(Graph, WhatIsNoGraphIsRefused) {
  EXPECT_THAT(drawn({"a after b", "b after a"}), HasSubstr("atelier: <stdin>:6: the pipeline is no graph: "));
  input = "kind: Pod\n";
  EXPECT_EQ(run({"graph", "-"}).code, kUsage);
  EXPECT_EQ(run({"graph", "/nowhere/p.yaml"}).code, kUsage);
  input =
      "apiVersion: atelier.dev/v1alpha1\nkind: Pipeline\nmetadata: {name: p}\nspec:\n  workspace: {name: w}\n  "
      "tasks:\n    - name: 7\n";
  EXPECT_EQ(run({"graph", "-"}).err, "atelier: <stdin>:7: spec.tasks[0].name: is an integer, should be a string\n");
}

TEST_F(Graph, ARunIsDrawnWithTheStatesOfItsTasks) {
  sim::make_platform(world);
  sim::make_diamond(world);
  sim::make_run(world, "diamond-1");
  world.start_operator();
  ASSERT_TRUE(
      world.run_until([&] { return sim::phase_of(world, "diamond-1") == "Succeeded"; }, std::chrono::minutes{5}));
  const Said said = run({"graph", "diamond-1"});
  EXPECT_EQ(said.code, kDone) << said.err;
  EXPECT_THAT(said.out, HasSubstr("●  a  Succeeded\n"));
  EXPECT_EQ(run({"graph", "run/diamond-1"}).out, said.out);
  EXPECT_THAT(run({"graph", "pipeline/diamond"}).out, HasSubstr("●  a\n"));
  EXPECT_EQ(run({"graph", "nothing"}).code, kFailed);
  EXPECT_EQ(run({"graph", "workspace/ws-1"}).code, kUsage);
  EXPECT_THAT(run({"graph", "diamond", "-o", "dot"}).out, HasSubstr("  \"a\" -> \"b\";\n"));
  const std::string picture = run({"graph", "diamond-1", "-o", "svg"}).out;
  EXPECT_THAT(picture, HasSubstr("<title>a: Succeeded</title>"));
  EXPECT_EQ(picture.rfind("</svg>\n"), picture.size() - 7);
}

TEST_F(Graph, NamesCannotLeaveTheirQuotes) {
  DrawnTask task;
  task.name = "a\"]; x [label=\"<script>";
  EXPECT_THAT(dot({task}, "t"), HasSubstr(R"("a\"]; x [label=\"<script>" [)"));
  EXPECT_THAT(svg({task}, "<t>"), HasSubstr("a&quot;]; x [label=&quot;&lt;script&gt;</text>"));
}

TEST_F(Graph, FinallyStandsApartAndLabelsTellWhatIsSpecial) {
  given(object("Pipeline", "p",
               {{"workspace", {{"name", "ws"}}},
                {"tasks",
                 {{{"name", "a"}, {"command", {"x"}}},
                  {{"name", "ok"}, {"dependsOn", {"a"}}, {"approval", {{"count", 2}}}},
                  {{"name", "undo"}, {"dependsOn", {"a.Failed"}}, {"command", {"x"}}}}},
                {"finally", {{{"name", "notify"}, {"command", {"x"}}}}}}));
  EXPECT_EQ(run({"graph", "p"}).out,
            "●  a\n"
            "├─╮\n"
            "● │  ok  (approval by 2)\n"
            "  ●  undo  (after a.Failed)\n"
            "finally:\n"
            "●  notify\n");
}

}  // namespace
}  // namespace atelier::cli
