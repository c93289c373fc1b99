// What the publish pod does with a converted workspace, up to the check: it stages the files of the image and runs the
// adopted step, with folders of this machine in the place of the pod's.
#include <gtest/gtest.h>

#include <cstdlib>

#include "render/variables.h"
#include "stage/copy.h"
#include "support/source_dir.h"
#include "unit/convert/cases.h"

namespace atelier::convert::testing {
namespace {

namespace fs = std::filesystem;

class Published : public ::testing::Test {
 protected:
  Published() {
    std::string folder = (fs::temp_directory_path() / "atelier-published-XXXXXX").string();
    root_ = ::mkdtemp(folder.data());
    fs::create_directories(image() / "reports");
    for (const char* file : {"a.py", "b.py", "notes.txt", ".airflowignore", "reports/c.py"}) {
      std::ofstream(image() / file) << file;
    }
  }
  ~Published() override { fs::remove_all(root_); }

  fs::path image() const { return root_ / "image"; }
  fs::path staging() const { return root_ / "staging"; }
  fs::path tree() const { return staging() / "dd01/dags/ws-boilerplate"; }

  // With `path` of the image and `mount_path` replaced in the texts of the step, and nothing else.
  std::string in_sandbox(std::string text, const api::Workspace& workspace) const {
    const auto replace = [&text](const std::string& from, const std::string& to) {
      for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
        text.replace(at, from.size(), to);
      }
    };
    replace(workspace.spec.dags.path, image().string());
    replace(workspace.spec.init_containers.front().mount_path, staging().string());
    return text;
  }

  void publish(const api::Workspace& workspace) const {
    std::vector<stage::Glob> include;
    for (const std::string& pattern : workspace.spec.dags.include) include.push_back(*stage::Glob::parse(pattern));
    ASSERT_TRUE(stage::copy({image().string(), tree().string(), include}));
    const render::Variables variables{"dd01", workspace.metadata.name, workspace.metadata.ns};
    const api::StagingStep& step = workspace.spec.init_containers.front();
    ASSERT_EQ(step.command, (std::vector<std::string>{"/bin/sh", "-c"}));
    ASSERT_EQ(step.args.size(), 1U);
    const std::string script = in_sandbox(render::expand(step.args.front(), variables), workspace);
    ASSERT_EQ(std::system(script.c_str()), 0) << script;
  }

  std::vector<std::string> files() const {
    std::vector<std::string> found;
    for (const auto& entry : fs::recursive_directory_iterator(tree())) {
      found.push_back(fs::relative(entry.path(), tree()).string());
    }
    std::sort(found.begin(), found.end());
    return found;
  }

 private:
  fs::path root_;
};

TEST_F(Published, IsWhatTheCommandOfTheSampleLeavesInItsStagingArea) {
  const fs::path sample = atelier::testing::source_dir() + "/tests/unit/convert/cases/hellodata-sample";
  const auto documents = yaml::parse(text_of(sample / "input.yaml"));
  const Converted converted = convert(documents.value().front(), options_of(sample));
  ASSERT_TRUE(converted.workspace);
  const nlohmann::json& args = documents.value().front().value["spec"]["initContainers"]["copy-dags-to-bd"]["args"];
  EXPECT_EQ(nlohmann::json(converted.workspace->spec.init_containers.front().args), args) << "unchanged";
  publish(*converted.workspace);
  EXPECT_EQ(files(), (std::vector<std::string>{"a.py", "b.py"})) << "as on the domain storage today";
}

}  // namespace
}  // namespace atelier::convert::testing
