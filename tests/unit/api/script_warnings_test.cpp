#include <gtest/gtest.h>

#include "unit/api/violations.h"

namespace atelier::api {
namespace {

using testing::words;
using Words = std::vector<std::string>;

// Of a task with the parameters day, a string, n, an int, and tables, a list.
std::string warned(const Words& command, const Words& args = {}) {
  PipelineSpec spec = testing::two_tasks();
  spec.params = {{.name = "day"}, {.name = "n", .type = "int"}, {.name = "tables", .type = "list"}};
  spec.tasks[0].results = {{"row-count", "string"}, {"rows", "int"}};
  spec.tasks[1].command = command;
  spec.tasks[1].args = args;
  spec.tasks[1].for_each = ForEach{{"a"}, "", {}};
  return words(warnings(spec));
}

TEST(ScriptWarnings, ShowTheVariableToWriteInstead) {
  EXPECT_EQ(
      warned({"sh", "-c", "load ${params.day} ${params.day}"}),
      "ReferenceInScript spec.tasks[1].command[2]: inserts ${params.day} into a script, where it is read as code; "
      "write env: [{name: DAY, value: \"${params.day}\"}], and in the script \"$DAY\"");
  EXPECT_EQ(warned({"python3", "-c", "print('${tasks.first.results.row-count}')"}),
            "ReferenceInScript spec.tasks[1].command[2]: inserts ${tasks.first.results.row-count} into a script, where "
            "it is read as code; write env: [{name: ROW_COUNT, value: \"${tasks.first.results.row-count}\"}], and in "
            "the script os.environ[\"ROW_COUNT\"]");
  EXPECT_NE(warned({"sh", "-c", "${item}"}).find("{name: ITEM, value: \"${item}\"}"), std::string::npos);
  EXPECT_NE(warned({"sh", "-c", "${item.key}"}).find("{name: KEY, value: \"${item.key}\"}"), std::string::npos);
  EXPECT_NE(warned({"sh", "-c", "${params.day + 'x'}"}).find("{name: VALUE, value: \"${params.day + 'x'}\"}"),
            std::string::npos);
}

TEST(ScriptWarnings, AreForShellsAndPython) {
  for (const char* program : {"sh", "bash", "dash", "ash", "ksh", "zsh", "/bin/sh", "/usr/local/bin/bash", "python",
                              "python3", "/usr/bin/python3.12"}) {
    EXPECT_NE(warned({program, "-c", "${params.day}"}), "") << program;
  }
  for (const char* program : {"load", "fish", "python-run", "./load.sh", ""}) {
    EXPECT_EQ(warned({program, "-c", "${params.day}"}), "") << program;
  }
}

TEST(ScriptWarnings, AreForTheTextBehindTheOption) {
  const std::string text = "${params.day}";
  for (const Words& options : {Words{"-c"}, Words{"-ec"}, Words{"-e", "-c"}, Words{"-o", "pipefail", "-c"},
                               Words{"-euo", "pipefail", "-xc"}, Words{"--rcfile", "a", "-c"}, Words{"--norc", "-c"}}) {
    Words command{"bash"};
    command.insert(command.end(), options.begin(), options.end());
    command.push_back(text);
    EXPECT_NE(warned(command), "") << options.front();
  }
  EXPECT_NE(warned({"python", "-W", "ignore", "-Ic", text}), "");
  EXPECT_EQ(warned({"sh", "-c", "load \"$1\"", "sh", text}), "") << "arguments are no code";
  EXPECT_EQ(warned({"sh", "load.sh", "-c", text}), "") << "the file's own option";
  EXPECT_EQ(warned({"python", "-m", "load", "-c", text}), "");
  EXPECT_EQ(warned({"sh", text}), "");
  EXPECT_EQ(warned({"sh", "-c"}), "");
}

TEST(ScriptWarnings, FollowTheCommandIntoItsArguments) {
  EXPECT_EQ(warned({"sh", "-c"}, {"${params.day}"}).substr(0, 43), "ReferenceInScript spec.tasks[1].args[0]: in");
  EXPECT_NE(warned({"sh"}, {"-c", "${params.day}"}), "");
  EXPECT_EQ(warned({}, {"-c", "${params.day}"}), "") << "the image's own command is not known";
}

TEST(ScriptWarnings, AreNotForWhatCannotBeCode) {
  for (const char* text : {"plain", "$${params.day}", "${params.n}", "${index}", "${run.name}", "${params.n * 2}",
                           "${tasks.first.results.rows}", "${tasks.first.status}", "${run.name + 'x'}",
                           "${tasks.first.status + 'x'}", "${params.unknown}", "${no expression}", "${open"}) {
    EXPECT_EQ(warned({"sh", "-c", text}), "") << text;
  }
  EXPECT_NE(warned({"sh", "-c", "${params.tables}"}), "");
  EXPECT_NE(warned({"sh", "-c", "${params.tables[0]}"}), "");
}

TEST(ScriptWarnings, AreForSidecarsAndFinallyAsWell) {
  PipelineSpec spec = testing::two_tasks();
  spec.params = {{.name = "day"}};
  spec.finally.resize(1);
  spec.finally[0].sidecars.resize(1);
  spec.finally[0].sidecars[0].command = {"sh", "-c", "${params.day}"};
  EXPECT_EQ(words(warnings(spec)).substr(0, 56), "ReferenceInScript spec.finally[0].sidecars[0].command[2]");
}

}  // namespace
}  // namespace atelier::api
