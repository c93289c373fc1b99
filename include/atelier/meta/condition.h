// Conditions with the meaning of metav1.Condition, as `kubectl wait` and kstatus read them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "atelier/base/time.h"

namespace atelier::meta {

enum class ConditionStatus { true_, false_, unknown };

std::string_view to_string(ConditionStatus status);  // "True", "False", "Unknown"

struct Condition {
  std::string type;
  ConditionStatus status = ConditionStatus::unknown;
  std::string reason;   // CamelCase, for programs
  std::string message;  // a sentence for a person: what is wrong and what to do
  std::int64_t observed_generation = 0;
  WallTime last_transition_time{};

  bool operator==(const Condition&) const = default;
};

using Conditions = std::vector<Condition>;

const Condition* find_condition(const Conditions& conditions, std::string_view type);  // borrowed; null if absent

// Replaces the condition of the same type or appends it. last_transition_time is kept while the status stays
// the same and is `now` otherwise; the one in `next` is ignored. Returns whether anything but times changed.
bool set_condition(Conditions& conditions, Condition next, WallTime now);

// Removes the condition of that type; returns whether there was one.
bool remove_condition(Conditions& conditions, std::string_view type);

}  // namespace atelier::meta
