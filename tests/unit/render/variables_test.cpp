#include "render/variables.h"

#include <gtest/gtest.h>

namespace atelier::render {
namespace {

const Variables kVariables{"dd01", "ws", "team-a"};

TEST(Variables, AreReplacedOnce) {
  EXPECT_EQ(expand("/storage/${datadomain}/dags/${workspace}/", kVariables), "/storage/dd01/dags/ws/");
  EXPECT_EQ(expand("${workspace}", {"", "${namespace}", "team-a"}), "${namespace}");
}

TEST(Variables, LeaveTheShellsOwnAlone) {
  EXPECT_EQ(expand("${HOME} $workspace ${work", kVariables), "${HOME} $workspace ${work");
  EXPECT_EQ(expand("$${workspace}", kVariables), "${workspace}");
}

}  // namespace
}  // namespace atelier::render
