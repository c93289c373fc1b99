#include "atelier/http/user_agent.h"

#include <gtest/gtest.h>

namespace atelier::http {
namespace {

TEST(UserAgents, HaveTheFormOfKubernetesOwn) {
  const std::string agent = user_agent("atelier-operator", "1.2.3");
  EXPECT_TRUE(agent == "atelier-operator/1.2.3 (linux/amd64)" || agent == "atelier-operator/1.2.3 (linux/arm64)")
      << agent;
}

}  // namespace
}  // namespace atelier::http
