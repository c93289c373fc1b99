// Runs the scenario files beside it. A file is a comment, a plan, a line "---", and commands at the start of a line,
// each followed by what the engine does then, indented. `ATELIER_REWRITE=1 scenario_tests` writes what it does now
// into the files: read the difference before you commit it.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "scenarios/world.h"
#include "support/source_dir.h"

namespace atelier::engine::scenarios {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> files() {
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(atelier::testing::source_dir() + "/tests/scenarios")) {
    if (entry.path().extension() == ".txt" && entry.path().stem() != "CMakeLists") found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::string read(const fs::path& file) {
  std::ifstream in(file);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

// The text as it would be if the engine did what it should.
std::string replay(const std::string& text, World& world) {
  std::string out;
  bool declaring = true;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line.front() == '#') {
      out += line + "\n";
    } else if (line == "---") {
      declaring = false;
      out += line + "\n";
    } else if (declaring) {
      world.declare(line);
      out += line + "\n";
    } else if (line.front() != ' ') {
      out += line + "\n";
      for (const std::string& done : world.perform(line)) out += "  " + done + "\n";
    }
  }
  return out;
}

class Scenario : public ::testing::TestWithParam<fs::path> {};

TEST_P(Scenario, GoesAsWritten) {
  const std::string written = read(GetParam());
  World world;
  const std::string replayed = replay(written, world);
  EXPECT_TRUE(world.made_twice().empty()) << "made twice: " << ::testing::PrintToString(world.made_twice());
  if (std::getenv("ATELIER_REWRITE") != nullptr) {
    std::ofstream(GetParam()) << replayed;
  } else {
    EXPECT_EQ(replayed, written);
  }
}

INSTANTIATE_TEST_SUITE_P(Engine, Scenario, ::testing::ValuesIn(files()), [](const auto& given) {
  std::string name = given.param.stem().string();
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

}  // namespace
}  // namespace atelier::engine::scenarios
