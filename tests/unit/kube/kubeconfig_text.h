// Kubeconfigs of tests.
#pragma once

#include <algorithm>
#include <string>

namespace atelier::testing {

// One with one context; `cluster` and `user` are the lines of those sections.
inline std::string kubeconfig_with(const std::string& cluster, const std::string& user) {
  const auto indent = [](const std::string& lines) {
    std::string all;
    std::size_t at = 0;
    while (at < lines.size()) {
      const std::size_t end = std::min(lines.find('\n', at), lines.size());
      all += "    " + lines.substr(at, end - at) + "\n";
      at = end + 1;
    }
    return all.empty() ? "    {}\n" : all;
  };
  return "apiVersion: v1\nkind: Config\ncurrent-context: c\ncontexts:\n- name: c\n  context: {cluster: k, user: u, "
         "namespace: team-a}\nclusters:\n- name: k\n  cluster:\n" +
         indent(cluster) + "users:\n- name: u\n  user:\n" + indent(user);
}

}  // namespace atelier::testing
