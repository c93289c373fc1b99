// docs/reference/expressions.md: its examples say what it says they say, and its table has every function there is.
#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "cel/overloads.h"
#include "support/source_dir.h"
#include "unit/cel/answers.h"

namespace atelier::cel {
namespace {

struct Example {
  std::string source;
  std::string says;
};

std::vector<std::string> lines_of_the_page() {
  std::ifstream file{atelier::testing::source_dir() + "/docs/reference/expressions.md"};
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

// In blocks of ```cel: an expression, two or more spaces, "//", and what it says.
std::vector<Example> examples() {
  std::vector<Example> found;
  bool inside = false;
  const std::regex example{R"(^(.*\S)\s{2,}// (.*)$)"};
  std::smatch match;
  for (const std::string& line : lines_of_the_page()) {
    if (line.starts_with("```")) {
      inside = line == "```cel";
    } else if (inside) {
      EXPECT_TRUE(std::regex_match(line, match, example)) << line;
      found.push_back({match[1], match[2]});
    }
  }
  return found;
}

TEST(TheExpressionsPage, SaysWhatItsExamplesSay) {
  const auto all = examples();
  EXPECT_GT(all.size(), 25U);
  for (const Example& example : all) EXPECT_EQ(answer(example.source), example.says) << example.source;
}

// Rows: | `name` | ... | of the table of functions.
TEST(TheExpressionsPage, HasEveryFunctionThereIs) {
  std::set<std::string> there;
  for (const Overload& overload : overloads()) {
    if (overload.style != Node::Style::sign) there.emplace(overload.name);
  }
  std::set<std::string> on_the_page;
  std::smatch match;
  for (const std::string& line : lines_of_the_page()) {
    if (std::regex_match(line, match, std::regex{R"(^\| `([\w.]+)` \|.*$)"})) on_the_page.insert(match[1]);
  }
  EXPECT_EQ(on_the_page, there);
}

}  // namespace
}  // namespace atelier::cel
