// Sets conditions of one object and notes an Event where one is news.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "atelier/meta/condition.h"
#include "reconcile/event_note.h"

namespace atelier::reconcile {

// What a condition becomes.
struct ConditionWords {
  meta::ConditionStatus status = meta::ConditionStatus::unknown;
  std::string reason;
  std::string message;
};

// Borrows all three for its own lifetime: `before` is what the API has, `conditions` is what will be written.
class StatusConditions {
 public:
  StatusConditions(const meta::Conditions& before, meta::Conditions& conditions, std::int64_t generation, WallTime now)
      : before_(before), conditions_(conditions), generation_(generation), now_(now) {}

  void set(const char* type, meta::ConditionStatus status, std::string reason, std::string message) {
    meta::Condition next;
    next.type = type;
    next.status = status;
    next.reason = std::move(reason);
    next.message = std::move(message);
    next.observed_generation = generation_;
    meta::set_condition(conditions_, std::move(next), now_);
  }

  void remove(const char* type) { meta::remove_condition(conditions_, type); }

  // Whether the API has no such condition, or one with another status or reason. A new wording is no news.
  bool is_news(const char* type, meta::ConditionStatus status, const std::string& reason) const {
    const meta::Condition* before = meta::find_condition(before_, type);
    return before == nullptr || before->status != status || before->reason != reason;
  }

 private:
  const meta::Conditions& before_;
  meta::Conditions& conditions_;
  std::int64_t generation_;
  WallTime now_;
};

}  // namespace atelier::reconcile
