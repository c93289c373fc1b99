// The oldest Kubernetes that this version of Atelier is for. Everything that says it is held to this one by a test.
#pragma once

#include <string>

namespace atelier::kube {

// From 1.34 on every API server streams lists, and an admission policy may ask the authorizer since 1.30. An older one
// is asked for pages, and nothing is known that would not work there; but nobody mends those any more, and none is
// tested.
inline constexpr int kOldestMinor = 34;

inline std::string oldest_version() { return "1." + std::to_string(kOldestMinor); }

}  // namespace atelier::kube
