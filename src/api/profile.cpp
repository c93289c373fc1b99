#include "atelier/api/profile.h"

#include <algorithm>

namespace atelier::api {

const std::array<Profile, 4>& seed_profiles() {
  static const std::array<Profile, 4> kSeeds{{{"tiny", 1024, 2048, 10'000, 1},
                                              {"small", 4096, 8192, 50'000, 2},
                                              {"medium", 16384, 32768, 200'000, 4},
                                              {"large", 65536, 98304, 500'000, 8}}};
  return kSeeds;
}

const Profile* find_seed_profile(std::string_view name) {
  const auto& seeds = seed_profiles();
  const auto found = std::find_if(seeds.begin(), seeds.end(), [&](const Profile& one) { return one.name == name; });
  return found == seeds.end() ? nullptr : &*found;
}

}  // namespace atelier::api
