#include "atelier/meta/resource_version.h"

#include <algorithm>

namespace atelier::meta {
namespace {

bool comparable(std::string_view version) {
  const bool digits = std::all_of(version.begin(), version.end(), [](char c) { return c >= '0' && c <= '9'; });
  return !version.empty() && digits && version.front() != '0';
}

}  // namespace

std::optional<std::strong_ordering> compare_resource_versions(std::string_view left, std::string_view right) {
  if (!comparable(left) || !comparable(right)) return std::nullopt;
  if (left.size() != right.size()) return left.size() <=> right.size();
  return left <=> right;
}

}  // namespace atelier::meta
