// Amounts of a resource as Kubernetes writes them: 500m, 1.5, 512Mi, 1e3.
// Source: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "atelier/base/result.h"

namespace atelier::api {

// Exact to the billionth, which is as fine as Kubernetes keeps it; never negative.
struct Quantity {
  std::int64_t whole = 0;
  std::int32_t nanos = 0;  // from 0 to 999'999'999

  auto operator<=>(const Quantity&) const = default;
};

// What is finer than a billionth is rounded up, as Kubernetes does: who asks for some gets some.
// Error: invalid, for what is no quantity, is negative or is more than 2^63-1.
Result<Quantity> parse_quantity(std::string_view text);

// The shortest way to write it; parse_quantity gives the same back.
std::string format_quantity(Quantity quantity);

}  // namespace atelier::api
