// What the API server refuses of one object by its schema, lint refuses as well; what the server takes, lint takes.
// The manifests are those that tests/integration/crds/check.py tries on a real API server.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "cli/lint.h"
#include "support/source_dir.h"

namespace atelier::cli {
namespace {

using Path = std::filesystem::path;

std::vector<Path> manifests(const char* folder) {
  std::vector<Path> paths;
  const Path root = Path(atelier::testing::source_dir()) / "tests/integration/crds" / folder;
  for (const auto& entry : std::filesystem::directory_iterator(root)) paths.push_back(entry.path());
  return paths;
}

std::string text_of(const Path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string findings(const Path& path) {
  std::string text;
  for (const Finding& one : lint({{path.stem().string(), text_of(path)}}).findings) text += one.to_string() + "\n";
  return text;
}

TEST(SchemaCases, WhatTheApiServerRefusesLintRefuses) {
  std::size_t seen = 0;
  for (const Path& path : manifests("cases")) {
    if (text_of(path).find("\n---\n") != std::string::npos) continue;  // an update: refused for what was there before
    ++seen;
    EXPECT_NE(findings(path), "") << path;
  }
  EXPECT_GT(seen, 50u);
}

TEST(SchemaCases, WhatTheApiServerTakesLintTakes) {
  // These break rules that need to see a whole object, which no schema can.
  const std::set<std::string> beyond = {"pl-no-graph", "ws-name-with-dots"};
  for (const Path& path : manifests("good")) EXPECT_EQ(findings(path) != "", beyond.contains(path.stem())) << path;
}

}  // namespace
}  // namespace atelier::cli
