#include "reconcile/quota_holders.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "reconcile/run_start.h"

namespace atelier::reconcile {

std::string quota_holders(const World& world, const ObjectKey& run) {
  constexpr std::size_t kMost = 3;
  std::vector<std::pair<std::int64_t, std::string>> holders;
  world.runs.each([&](const ObjectKey& key, const auto& other) {
    if (key.ns != run.ns || key == run || is_over(other->status) || other->status.counts.running == 0) return;
    holders.emplace_back(-other->status.counts.running, key.name);
  });
  if (holders.empty()) return "";
  std::sort(holders.begin(), holders.end());
  std::string text = "held by run";
  for (std::size_t i = 0; i < holders.size() && i < kMost; ++i) {
    text += (i == 0 ? " " : ", ") + holders[i].second + " (" + std::to_string(-holders[i].first) + " running)";
  }
  return holders.size() > kMost ? text + " and " + std::to_string(holders.size() - kMost) + " more" : text;
}

bool is_of_quota(const std::string& message) { return message.find("exceeded quota") != std::string::npos; }

}  // namespace atelier::reconcile
