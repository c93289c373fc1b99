#include "reconcile/merge_diff.h"

namespace atelier::reconcile {

using nlohmann::json;

json merge_diff(const json& before, const json& after) {
  json patch = json::object();
  for (const auto& [key, value] : before.items()) {
    if (!after.contains(key)) patch[key] = nullptr;
  }
  for (const auto& [key, value] : after.items()) {
    const auto at = before.find(key);
    const bool both = at != before.end() && at->is_object() && value.is_object();
    if (both) {
      json inner = merge_diff(*at, value);
      if (!inner.empty()) patch[key] = std::move(inner);
    } else if (at == before.end() || *at != value) {
      patch[key] = value;
    }
  }
  return patch;
}

}  // namespace atelier::reconcile
