// Events as a verb shows them.
#pragma once

#include <string>
#include <vector>

#include "atelier/base/time.h"
#include "atelier/meta/object_meta.h"
#include "cli/session.h"

namespace atelier::cli {

struct Event {
  std::string type;  // Normal or Warning
  std::string reason;
  std::string message;
  std::int64_t count = 1;
  WallTime last{};
};

// From a list of v1 Events, the oldest first. What is no Event is left out.
std::vector<Event> read_events(const nlohmann::json& list);

// Those about one object of a namespace; none when they cannot be had: they only add to what is known.
std::vector<Event> events_about(Session& session, const std::string& ns, const Uid& uid);
std::vector<Event> events_of_pod(Session& session, const std::string& ns, const std::string& pod);

}  // namespace atelier::cli
