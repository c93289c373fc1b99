// docs/reference/cli.md has the help of every verb as it is printed, and tells of no other.
#include <gmock/gmock.h>

#include <fstream>
#include <regex>
#include <set>

#include "support/source_dir.h"
#include "unit/cli/command_line.h"

namespace atelier::cli {
namespace {

std::string as_in_the_page(const std::string& help) {
  const std::string text = std::regex_replace(help, std::regex(" +\\n"), "\n");
  return std::regex_replace(text, std::regex("\\n\\n\\n+"), "\n\n");
}

class Page : public CommandLine {
 protected:
  Page() {
    std::ifstream file(atelier::testing::source_dir() + "/docs/reference/cli.md");
    text = {std::istreambuf_iterator<char>(file), {}};
    const std::string help = run({"--help"}).out;
    const std::regex line("\\n  ([a-z]+)  ");
    const std::size_t begin = help.find("Subcommands:");
    for (std::sregex_iterator at(help.begin() + static_cast<std::ptrdiff_t>(begin), help.end(), line), end; at != end;
         ++at) {
      verbs.insert((*at)[1]);
    }
  }
  std::string text;
  std::set<std::string> verbs;
};

TEST_F(Page, HasTheHelpOfEveryVerb) {
  EXPECT_EQ(verbs.size(), 17U);
  for (const std::string& verb : verbs) {
    const std::string help = as_in_the_page(run({verb, "--help"}).out);
    EXPECT_NE(text.find("## " + verb + "\n"), std::string::npos) << verb;
    EXPECT_NE(text.find("```text\n" + help + "```\n"), std::string::npos) << "docs/reference/cli.md lacks:\n" << help;
  }
}

TEST_F(Page, TellsOfNoOtherVerb) {
  const std::regex heading("\\n## ([a-z]+)\\n");
  for (std::sregex_iterator at(text.begin(), text.end(), heading), end; at != end; ++at) {
    EXPECT_TRUE(verbs.contains((*at)[1])) << (*at)[1];
  }
}

}  // namespace
}  // namespace atelier::cli
