// Events as others wrote them, and what they say about a pod that does not start.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "atelier/base/time.h"

namespace atelier::kube {

struct Event {
  std::string type;  // Normal or Warning
  std::string reason;
  std::string message;
  std::int64_t count = 1;
  WallTime last{};
};

// From a list of v1 Events, the oldest first. What is no Event is left out.
std::vector<Event> read_events(const nlohmann::json& list);

// The kubelet's or scheduler's words about a pod that does not start, from Events about it, the oldest first; null when
// it got further since. Borrows from `events`.
const Event* why_not_started(const std::vector<Event>& events);

}  // namespace atelier::kube
