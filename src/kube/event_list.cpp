#include "atelier/kube/event_list.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <tuple>

namespace atelier::kube {
namespace {

using nlohmann::json;

std::string text_in(const json& object, const char* name) {
  const auto at = object.find(name);
  return at != object.end() && at->is_string() ? at->get<std::string>() : "";
}

std::int64_t number_in(const json& object, const char* name) {
  const auto at = object.find(name);
  return at != object.end() && at->is_number_integer() ? at->get<std::int64_t>() : 0;
}

// Of what wrote it: the old form has lastTimestamp, the new one a series or eventTime alone.
WallTime last_of(const json& event) {
  const json series = event.value("series", json());
  for (const std::string& text :
       {series.is_object() ? text_in(series, "lastObservedTime") : "", text_in(event, "lastTimestamp"),
        text_in(event, "eventTime"), event.value(json::json_pointer("/metadata/creationTimestamp"), "")}) {
    if (const auto time = parse_time(text); time) return time.value();
  }
  return {};
}

// It got further. Others of type Normal, such as BackOff or NotTriggerScaleUp, only repeat that it does not.
bool is_step(const Event& event) {
  static const std::set<std::string_view> kSteps{"Scheduled", "SuccessfulAttachVolume", "Pulling", "Pulled", "Created",
                                                 "Started"};
  return event.type == "Normal" && kSteps.contains(event.reason);
}

}  // namespace

std::vector<Event> read_events(const json& list) {
  std::vector<Event> out;
  const json items = list.is_object() ? list.value("items", json::array()) : json::array();
  for (const json& item : items) {
    if (!item.is_object()) continue;
    const json series = item.value("series", json());
    const std::int64_t count = series.is_object() ? number_in(series, "count") : number_in(item, "count");
    out.push_back({text_in(item, "type"), text_in(item, "reason"), text_in(item, "message"),
                   std::max<std::int64_t>(count, 1), last_of(item)});
  }
  std::sort(out.begin(), out.end(), [](const Event& one, const Event& other) {
    return std::tie(one.last, one.reason, one.message) < std::tie(other.last, other.reason, other.message);
  });
  return out;
}

const Event* why_not_started(const std::vector<Event>& events) {
  const auto at = std::find_if(events.rbegin(), events.rend(), [](const Event& one) { return one.type == "Warning"; });
  if (at == events.rend()) return nullptr;
  const bool past =
      std::any_of(events.rbegin(), at, [&](const Event& one) { return is_step(one) && one.last > at->last; });
  return past ? nullptr : &*at;
}

}  // namespace atelier::kube
