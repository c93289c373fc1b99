// Which seeds a program plays.
#pragma once

#include <cstdint>
#include <vector>

namespace atelier::sim {

// `count` from 1 on, or a fourth under a sanitizer; or what ATELIER_SIM_SEED says, and ATELIER_SIM_COUNT from there on.
std::vector<std::uint64_t> seeds(std::uint64_t count);

}  // namespace atelier::sim
