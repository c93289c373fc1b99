// Which namespaces the operator watches: all, or those that an administrator chose. It knows nothing of the others, and
// then nothing of what is cluster-scoped either, since it may have rights in these namespaces alone.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

namespace atelier::reconcile {

struct WatchedNamespaces {
  std::vector<std::string> chosen = {};  // empty: all

  bool all() const { return chosen.empty(); }
  bool contains(const std::string& ns) const {
    return all() || std::find(chosen.begin(), chosen.end(), ns) != chosen.end();
  }
};

}  // namespace atelier::reconcile
