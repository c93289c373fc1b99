#include "atelier/meta/condition.h"

#include <algorithm>

namespace atelier::meta {
namespace {

auto position(auto& conditions, std::string_view type) {
  return std::find_if(conditions.begin(), conditions.end(), [&](const Condition& c) { return c.type == type; });
}

}  // namespace

std::string_view to_string(ConditionStatus status) {
  switch (status) {
    case ConditionStatus::true_:
      return "True";
    case ConditionStatus::false_:
      return "False";
    case ConditionStatus::unknown:
      return "Unknown";
  }
  return "Unknown";
}

const Condition* find_condition(const Conditions& conditions, std::string_view type) {
  const auto at = position(conditions, type);
  return at == conditions.end() ? nullptr : &*at;
}

bool set_condition(Conditions& conditions, Condition next, WallTime now) {
  const auto at = position(conditions, next.type);
  if (at == conditions.end()) {
    next.last_transition_time = now;
    conditions.push_back(std::move(next));
    return true;
  }
  next.last_transition_time = at->status == next.status ? at->last_transition_time : now;
  if (*at == next) return false;
  *at = std::move(next);
  return true;
}

bool remove_condition(Conditions& conditions, std::string_view type) {
  const auto at = position(conditions, type);
  if (at == conditions.end()) return false;
  conditions.erase(at);
  return true;
}

}  // namespace atelier::meta
