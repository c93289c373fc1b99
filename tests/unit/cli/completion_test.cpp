#include <gmock/gmock.h>

#include <array>
#include <cstdio>
#include <fstream>

#include "unit/cli/command_line.h"

namespace atelier::cli {
namespace {

using ::testing::HasSubstr;

class Completion : public CommandLine {
 protected:
  // What bash offers for the last of these words, where `names` are those of the cluster.
  std::string offers(const std::vector<std::string>& words, const std::string& names = "orders-1") {
    const std::string file = ::testing::TempDir() + "atelier-completion.bash";
    std::ofstream(file) << run({"completion", "bash"}).out;
    std::string line = "atelier() { printf 'pipelineruns.atelier.dev/%s\\n' " + names + "; }; source " + file +
                       "; COMP_WORDS=(atelier";
    for (const std::string& word : words) line += " '" + word + "'";
    line += "); COMP_CWORD=" + std::to_string(words.size()) + "; _atelier 2> /dev/null; echo \"${COMPREPLY[@]}\"";
    std::ofstream(file + ".sh") << line;
    FILE* pipe = ::popen(("bash " + file + ".sh").c_str(), "r");
    std::array<char, 4096> text{};
    const std::size_t read = std::fread(text.data(), 1, text.size(), pipe);
    ::pclose(pipe);
    std::string out(text.data(), read);
    while (out.ends_with('\n')) out.pop_back();
    return out;
  }
};

TEST_F(Completion, BashOffersVerbsFlagsValuesAndNames) {
  EXPECT_EQ(offers({"de"}), "describe");
  EXPECT_EQ(offers({"get", "-o", ""}), "table wide json yaml name");
  EXPECT_EQ(offers({"get", "work"}), "workspaces");
  EXPECT_EQ(offers({"logs", "or"}), "orders-1");
  EXPECT_EQ(offers({"cancel", "--no"}), "--no-finally");
  EXPECT_EQ(offers({"completion", "z"}), "zsh");
}

TEST_F(Completion, WhatIsNoNameIsNeitherOfferedNorRun) {
  EXPECT_EQ(offers({"logs", ""}, "'$(echo owned)' '`echo owned`' 'a b' orders-2"), "orders-2");
}

TEST_F(Completion, EveryVerbIsInEveryShells) {
  for (const char* shell : {"bash", "zsh", "fish"}) {
    const Said said = run({"completion", shell});
    for (const char* verb : {"get", "describe", "why", "run", "logs", "cancel", "suspend", "resume", "retry", "approve",
                             "rollback", "graph", "doctor", "uninstall", "lint", "convert", "completion"}) {
      EXPECT_THAT(said.out, HasSubstr(verb)) << shell;
    }
  }
  EXPECT_EQ(run({"completion", "tcsh"}).code, kUsage);
}

}  // namespace
}  // namespace atelier::cli
