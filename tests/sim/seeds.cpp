#include "sim/seeds.h"

#include <cstdlib>
#include <numeric>

#include "support/sanitized.h"

namespace atelier::sim {

std::vector<std::uint64_t> seeds(std::uint64_t count) {
  const char* first = std::getenv("ATELIER_SIM_SEED");
  const char* many = std::getenv("ATELIER_SIM_COUNT");
  if (testing::kSanitized) count = (count + 3) / 4;
  if (first != nullptr) count = 1;
  if (many != nullptr) count = std::strtoull(many, nullptr, 10);
  std::vector<std::uint64_t> out(count);
  std::iota(out.begin(), out.end(), first == nullptr ? 1 : std::strtoull(first, nullptr, 10));
  return out;
}

}  // namespace atelier::sim
