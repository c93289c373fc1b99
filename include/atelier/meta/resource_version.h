// Order of resource versions, as KEP-5504 defines it: decimal numbers without leading zeros, of any length.
#pragma once

#include <compare>
#include <optional>
#include <string_view>

namespace atelier::meta {

// Empty when either is not a comparable version.
std::optional<std::strong_ordering> compare_resource_versions(std::string_view left, std::string_view right);

}  // namespace atelier::meta
