#include "convert/names.h"

#include <gtest/gtest.h>

namespace atelier::convert {
namespace {

TEST(Nearest, IsTheNameThatWasMeant) {
  EXPECT_EQ(nearest("values", {"name", "value", "valueFrom"}), "value");
  EXPECT_EQ(nearest("initContainer", {"initContainers", "containers"}), "initContainers");
  EXPECT_EQ(nearest("comand", {"command", "args"}), "command");
  EXPECT_EQ(nearest("arg", {"command", "args"}), "args");
}

TEST(Nearest, IsNothingForAnotherName) {
  EXPECT_EQ(nearest("livenessProbe", {"name", "image", "resources"}), "");
  EXPECT_EQ(nearest("ports", {"name", "image", "env"}), "");
  EXPECT_EQ(nearest("", {"name"}), "");
  EXPECT_EQ(nearest(std::string(65, 'a'), {std::string(64, 'a')}), "") << "too long to compare";
}

TEST(Nearest, IsTheFirstOfTwoThatAreAsNear) { EXPECT_EQ(nearest("cat", {"bat", "car"}), "bat"); }

TEST(Listed, ReadsAsASentence) {
  EXPECT_EQ(listed({"a"}), "a");
  EXPECT_EQ(listed({"a", "b", "c"}), "a, b and c");
}

}  // namespace
}  // namespace atelier::convert
