// Asserts that a pod spec meets the `restricted` Pod Security standard, by the standard's own list.
#pragma once

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace atelier::render {

inline void expect_restricted(const nlohmann::json& spec) {
  for (const char* host : {"hostNetwork", "hostPID", "hostIPC"}) EXPECT_FALSE(spec.contains(host)) << host;
  const nlohmann::json& pod = spec.at("securityContext");
  EXPECT_EQ(pod.at("runAsNonRoot"), true);
  EXPECT_GT(pod.at("runAsUser").get<int>(), 0);
  EXPECT_EQ(pod.at("seccompProfile").at("type"), "RuntimeDefault");
  for (const nlohmann::json& volume : spec.value("volumes", nlohmann::json::array())) {
    const bool allowed = volume.contains("emptyDir") || volume.contains("persistentVolumeClaim") ||
                         volume.contains("configMap") || volume.contains("secret");
    EXPECT_TRUE(allowed) << volume.dump();
  }
  for (const char* list : {"initContainers", "containers"}) {
    for (const nlohmann::json& container : spec.value(list, nlohmann::json::array())) {
      const nlohmann::json& own = container.at("securityContext");
      EXPECT_EQ(own.at("allowPrivilegeEscalation"), false) << container.at("name");
      EXPECT_EQ(own.at("capabilities").at("drop"), nlohmann::json::array({"ALL"})) << container.at("name");
      EXPECT_FALSE(own.contains("privileged"));
      EXPECT_FALSE(own.contains("runAsUser"));
    }
  }
  EXPECT_EQ(spec.at("automountServiceAccountToken"), false);
}

}  // namespace atelier::render
