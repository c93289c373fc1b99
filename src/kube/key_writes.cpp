#include "kube/key_writes.h"

#include <algorithm>
#include <utility>

namespace atelier::kube {
namespace {

constexpr std::chrono::minutes kWindow{1};

}  // namespace

void KeyWrites::turn(SteadyTime now) {
  if (now - began_ < kWindow) return;
  const bool adjacent = now - began_ < 2 * kWindow;
  before_ = adjacent ? std::move(present_) : Counts{};
  present_.clear();
  began_ = adjacent ? began_ + kWindow : now;
}

void KeyWrites::add(const ObjectKey& key, std::size_t writes, SteadyTime now) {
  turn(now);
  present_[key] += writes;
}

double KeyWrites::most(SteadyTime now) {
  turn(now);
  const double share = 1.0 - std::chrono::duration<double>(now - began_) / kWindow;
  double most = 0.0;
  for (const auto& [key, writes] : present_) {
    const auto old = before_.find(key);
    const double earlier = old == before_.end() ? 0.0 : static_cast<double>(old->second) * share;
    most = std::max(most, static_cast<double>(writes) + earlier);
  }
  for (const auto& [key, writes] : before_) most = std::max(most, static_cast<double>(writes) * share);
  return most;
}

}  // namespace atelier::kube
