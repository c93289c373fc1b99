// Events as a verb shows them.
#pragma once

#include <string>
#include <vector>

#include "atelier/kube/event_list.h"
#include "atelier/meta/object_meta.h"
#include "cli/session.h"

namespace atelier::cli {

using kube::Event;

// Those about one object of a namespace; none when they cannot be had: they only add to what is known.
std::vector<Event> events_about(Session& session, const std::string& ns, const Uid& uid);
std::vector<Event> events_of_pod(Session& session, const std::string& ns, const std::string& pod);

}  // namespace atelier::cli
