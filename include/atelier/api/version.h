// Versions as semver.org 2.0.0 writes them, and ranges of them as npm's node-semver reads them. Pure.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "atelier/base/result.h"

namespace atelier::api {

struct Version {
  std::array<std::uint64_t, 3> numbers{};  // major, minor, patch
  std::vector<std::string> prerelease;     // by its dots

  bool operator==(const Version&) const = default;
};

// By semver's precedence: a pre-release comes before its release.
std::strong_ordering operator<=>(const Version& one, const Version& other);

// All of it or nothing: "1.2" is none. A leading v is skipped, and so is build metadata, which orders nothing.
std::optional<Version> parse_version(std::string_view text);

// "^1.2", "~1.2.3", ">=1.2 <2", "1.x", "1.2 - 1.4" and alternatives of them with "||". A pre-release is in it only
// where one of the bounds that it meets is a pre-release of the same major, minor and patch.
class VersionRange {
 public:
  // Error: invalid, with what cannot be read and what could stand there.
  static Result<VersionRange> parse(std::string_view text);

  bool contains(const Version& version) const;

  enum class Order { less, at_most, at_least, greater };
  struct Bound {
    Order order;
    Version version;
  };
  using Bounds = std::vector<Bound>;  // all of them hold; none: any release

 private:
  std::vector<Bounds> alternatives_;
};

}  // namespace atelier::api
