#include "app/options.h"

#include <gtest/gtest.h>

namespace atelier::app {
namespace {

Options parse(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "atelier-operator");
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  return parse_options(static_cast<int>(argv.size()), argv.data());
}

TEST(Options, AreReadFromTheCommandLine) {
  const Options options = parse({"--kubeconfig", "/k", "--stage-image", "r/stage:1", "--log-level", "warn"});
  EXPECT_EQ(options.kubeconfig, "/k");
  EXPECT_EQ(options.stage_image, "r/stage:1");
  EXPECT_EQ(options.lease_namespace, "atelier-system");
  EXPECT_EQ(options.log_level, log::Level::warn);
}

TEST(OptionsDeathTest, AMissingStageImageIsToldOnStderr) {
  EXPECT_EXIT(parse({}), [](int status) { return WIFEXITED(status) && WEXITSTATUS(status) != 0; }, "--stage-image");
}

TEST(OptionsDeathTest, AnOptionThatIsNoneIsToldOnStderr) {
  EXPECT_EXIT(
      parse({"--stage-image", "x", "--stage-imgae", "y"}),
      [](int status) { return WIFEXITED(status) && WEXITSTATUS(status) != 0; }, "--stage-imgae");
}

}  // namespace
}  // namespace atelier::app
