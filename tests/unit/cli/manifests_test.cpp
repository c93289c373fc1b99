#include "cli/manifests.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace atelier::cli {
namespace {

namespace fs = std::filesystem;

class Manifests : public ::testing::Test {
 protected:
  Manifests() : root_(fs::path(::testing::TempDir()) / ("manifests-" + std::to_string(::getpid()))) {
    fs::create_directories(root_);
  }
  ~Manifests() override { fs::remove_all(root_); }

  void write(const std::string& name, const std::string& text) const {
    fs::create_directories((root_ / name).parent_path());
    std::ofstream(root_ / name) << text;
  }
  static Result<std::vector<Manifest>> read(const std::string& path) {
    std::istringstream input("from the pipe");
    return read_manifests({path}, input);
  }

  fs::path root_;
};

TEST_F(Manifests, AFolderStandsForTheManifestsInAndBelowIt) {
  for (const char* name : {"b.yaml", "a.yml", "deep/c.json", "notes.txt", ".git/d.yaml", ".hidden.yaml"})
    write(name, name);
  const auto manifests = read(root_.string());
  ASSERT_TRUE(manifests);
  std::vector<std::string> texts;
  for (const Manifest& one : manifests.value()) texts.push_back(one.text);
  EXPECT_EQ(texts, (std::vector<std::string>{"a.yml", "b.yaml", "deep/c.json"}));
  EXPECT_EQ(manifests.value()[0].file, (root_ / "a.yml").string());
}

TEST_F(Manifests, AFileMayHaveAnyName) {
  write("notes.txt", "text");
  EXPECT_EQ(read((root_ / "notes.txt").string()).value().at(0).text, "text");
}

TEST_F(Manifests, ADashIsStandardInput) {
  EXPECT_EQ(read("-").value().at(0).text, "from the pipe");
  EXPECT_EQ(read("-").value().at(0).file, "<stdin>");
}

TEST_F(Manifests, WhatCannotBeReadIsNamed) {
  EXPECT_EQ(read((root_ / "none.yaml").string()).error().message, (root_ / "none.yaml").string() + ": cannot be read");
  EXPECT_EQ(read(root_.string()).error().message,
            root_.string() + ": there is no .yaml, .yml or .json file in this folder");
}

}  // namespace
}  // namespace atelier::cli
