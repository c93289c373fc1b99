// What is wrong in a command is told on stderr and ends it before anything is asked or changed: of every verb.
#include <gmock/gmock.h>

#include <map>
#include <set>

#include "unit/cli/command_line.h"

namespace atelier::cli {
namespace {

using ::testing::HasSubstr;
using Words = std::vector<std::string>;

class WrongUsage : public CommandLine {
 protected:
  // What is wrong with them is named.
  void refused(Words arguments, const std::string& named) {
    std::string line;
    for (const std::string& word : arguments) line += " " + word;
    const Said said = run(std::move(arguments));
    EXPECT_EQ(said.code, kUsage) << line;
    EXPECT_EQ(said.out, "") << line;
    EXPECT_THAT(said.err, HasSubstr(named)) << line;
    EXPECT_TRUE(requests.empty()) << line;
  }
};

// Each verb with as many arguments as it needs; behind them what it takes no more of is one too many.
const std::map<std::string, Words>& needed() {
  static const std::map<std::string, Words> kNeeded{{"get", {}},
                                                    {"describe", {"run", "a"}},
                                                    {"why", {"a"}},
                                                    {"run", {"a"}},
                                                    {"logs", {"a"}},
                                                    {"cancel", {"a"}},
                                                    {"suspend", {"a"}},
                                                    {"resume", {"a"}},
                                                    {"retry", {"a"}},
                                                    {"approve", {"a", "b"}},
                                                    {"rollback", {"a"}},
                                                    {"graph", {"a.yaml"}},
                                                    {"doctor", {}},
                                                    {"uninstall", {}},
                                                    {"lint", {"a.yaml"}},
                                                    {"convert", {"a.yaml"}},
                                                    {"completion", {"bash"}}};
  return kNeeded;
}

Words of(const std::string& verb, const Words& more) {
  Words out{verb};
  out.insert(out.end(), needed().at(verb).begin(), needed().at(verb).end());
  out.insert(out.end(), more.begin(), more.end());
  return out;
}

TEST_F(WrongUsage, EveryVerbIsLookedAt) {
  const std::string help = run({"--help"}).out;
  std::set<std::string> verbs;
  std::istringstream lines{help.substr(help.find("Subcommands:\n"))};
  std::string line;
  std::getline(lines, line);
  while (std::getline(lines, line) && line.starts_with("  ")) verbs.insert(line.substr(2, line.find(' ', 2) - 2));
  std::set<std::string> looked_at;
  for (const auto& [verb, arguments] : needed()) looked_at.insert(verb);
  EXPECT_EQ(verbs, looked_at);
}

TEST_F(WrongUsage, AVerbThatIsNoneIsNamedWithThoseThatAre) {
  const Said said = run({"gett", "runs"});
  EXPECT_EQ(said.code, kUsage);
  EXPECT_THAT(said.err, HasSubstr("atelier: there is no subcommand \"gett\"; there are get, describe, why, "));
  refused({}, "A subcommand is required");
}

TEST_F(WrongUsage, WhereHelpIsNamesTheVerb) {
  EXPECT_EQ(run({"run"}).err, "atelier: PIPELINE is required\nRun atelier run --help for more information.\n");
  called = "/usr/bin/kubectl-atelier";
  EXPECT_EQ(run({"run"}).err, "atelier: PIPELINE is required\nRun kubectl atelier run --help for more information.\n");
  EXPECT_THAT(run({"gett"}).err, HasSubstr("\nRun kubectl atelier --help for more information.\n"));
}

TEST_F(WrongUsage, AnOptionBeforeItsVerbIsToldToFollowIt) {
  refused({"-n", "team-a", "get"}, "-n is no option of atelier itself; those of a subcommand follow it");
  refused({"--no-such"}, "--no-such is no option of atelier itself");
}

TEST_F(WrongUsage, AKindWithoutTheNameOfOneIsToldBesideTheRunThatIsNotThere) {
  const Said said = run({"why", "ws"});
  EXPECT_EQ(said.code, kFailed);
  EXPECT_THAT(said.err, HasSubstr("there is no run \"ws\" in namespace \"team-a\"; see: atelier get runs"));
  EXPECT_THAT(said.err, HasSubstr("; of a workspace, its name follows: atelier why workspace NAME"));
  EXPECT_THAT(run({"why", "day"}).err, ::testing::Not(HasSubstr("its name follows")));
}

TEST_F(WrongUsage, ControlCharactersThatWereTypedAreEscaped) {
  EXPECT_THAT(run({"get\x1b[31m"}).err, ::testing::Not(HasSubstr("\x1b")));
}

TEST_F(WrongUsage, ANamespaceThatCannotBeIsNamed) {
  refused({"get", "-n", "No Name"}, "--namespace: \"No Name\" can be no namespace's name");
  refused({"doctor", "-n", "../a"}, "--namespace");
  EXPECT_EQ(run({"get", "-n", ""}).code, kDone);  // as kubectl takes a variable that is not set
}

TEST_F(WrongUsage, AFlagThatIsNoneIsNamed) {
  for (const auto& [verb, arguments] : needed()) refused(of(verb, {"--no-such"}), "--no-such");
}

TEST_F(WrongUsage, AnArgumentThatIsMissingIsNamed) {
  for (const auto& [verb, arguments] : needed()) {
    if (!arguments.empty()) refused({verb}, " is required");
  }
}

TEST_F(WrongUsage, AnArgumentTooManyIsNamed) {
  const std::map<std::string, Words> more{{"get", {"runs", "a", "extra"}},
                                          {"describe", {"extra"}},
                                          {"why", {"b", "c", "extra"}},
                                          {"run", {"extra"}},
                                          {"logs", {"b", "extra"}},
                                          {"cancel", {"extra"}},
                                          {"suspend", {"extra"}},
                                          {"resume", {"extra"}},
                                          {"retry", {"extra"}},
                                          {"approve", {"extra"}},
                                          {"rollback", {"b", "extra"}},
                                          {"graph", {"extra"}},
                                          {"doctor", {"extra"}},
                                          {"uninstall", {"extra"}},
                                          {"completion", {"extra"}}};
  for (const auto& [verb, words] : more) refused(of(verb, words), "extra");
}

TEST_F(WrongUsage, ANameThatNoObjectCanHaveIsNamed) {
  for (const char* verb : {"cancel", "suspend", "resume", "retry", "logs", "run", "rollback", "why"}) {
    refused({verb, "No Name"}, "No Name");
  }
  for (const char* verb : {"get", "describe", "why"}) refused({verb, "run", "../a"}, "../a");
  refused({"approve", "../a", "b"}, "../a");
  refused({"approve", "a", "No Task"}, "No Task");
}

TEST_F(WrongUsage, AKindThatIsNoneIsNamedWithThoseThatAre) {
  for (const char* verb : {"get", "describe"}) refused({verb, "pods", "a"}, "pods");
}

TEST_F(WrongUsage, ValuesOfFlagsAreNamedWithTheFlag) {
  refused({"get", "-o", "xml"}, "--output");
  refused({"run", "a", "--wait", "--timeout", "soon"}, "--timeout");
  refused({"retry", "a", "--wait", "--timeout", "soon"}, "--timeout");
  refused({"uninstall", "--timeout", "soon"}, "--timeout");
  refused({"run", "a", "--name", "No Name"}, "--name");
  for (const char* lines : {"many", "-1", "3.5", "", "99999999999999999999"}) {
    refused({"logs", "a", "--tail", lines},
            "--tail: \"" + std::string(lines) + "\" is no number of lines, such as 100");
  }
  refused({"completion", "tcsh"}, "tcsh");
  refused({"graph", "a.yaml", "-o", "gif"}, "--output");
}

TEST_F(WrongUsage, AFlagWithoutItsValueIsNamed) {
  refused({"logs", "a", "--tail"}, "atelier: --tail needs a value\nRun atelier logs --help");
  refused({"get", "-o"}, "atelier: --output needs a value\n");
  refused({"get", "-n"}, "atelier: --namespace needs a value\n");
}

TEST_F(WrongUsage, AFileThatCannotBeReadIsNamed) {
  for (const char* verb : {"lint", "convert", "graph"}) refused({verb, "/nowhere/a.yaml"}, "/nowhere/a.yaml");
}

TEST_F(WrongUsage, WhatIsNoYamlIsNamedWithItsLine) {
  input = "a: b\n  - c: [\n";
  for (const char* verb : {"lint", "convert", "graph"}) {
    const Said said = run({verb, "-"});
    EXPECT_NE(said.code, kDone) << verb;
    EXPECT_THAT(said.err, HasSubstr("<stdin>: line 2: ")) << verb;
    EXPECT_TRUE(requests.empty()) << verb;
  }
}

TEST_F(WrongUsage, WhatIsWrongWithEachDocumentAlikeIsToldOnce) {
  input = "apiVersion: v1\nkind: A\n---\napiVersion: v1\nkind: B\n---\napiVersion: v1\nkind: C\n";
  EXPECT_EQ(run({"convert", "-"}).err, "<stdin>: is a Kubernetes manifest already; atelier lint checks it\n");
}

}  // namespace
}  // namespace atelier::cli
