#include "sim/managers.h"

#include <algorithm>
#include <utility>

namespace atelier::sim {
namespace {

using nlohmann::json;

// What names the object, and what the server sets, belongs to nobody.
bool is_somebodys(const json::json_pointer& field) {
  const json::json_pointer metadata{"/metadata"};
  if (field.parent_pointer() == json::json_pointer{}) return field.back() != "apiVersion" && field.back() != "kind";
  if (field.parent_pointer() != metadata) return true;
  return field.back() == "finalizers" || field.back() == "ownerReferences";
}

void collect(const json& object, const json::json_pointer& at, std::map<std::string, json>& out) {
  if (object.is_object() && !object.empty()) {
    for (const auto& [key, value] : object.items()) collect(value, at / key, out);
  } else if (!at.empty() && is_somebodys(at)) {
    out.emplace(at.to_string(), object);
  }
}

std::map<std::string, json> leaves(const json& object) {
  std::map<std::string, json> out;
  collect(object, json::json_pointer{}, out);
  return out;
}

// With what is around it, if nothing is left there.
void take_out(json& object, json::json_pointer field) {
  while (!field.empty() && object.contains(field)) {
    if (object.at(field).is_object() && !object.at(field).empty()) return;  // by others meanwhile
    json& around = object.at(field.parent_pointer());
    around.erase(field.back());
    if (!around.empty()) return;
    field.pop_back();
  }
}

bool has(const json& object, const json::json_pointer& field, const json& value) {
  if (!object.contains(field)) return false;
  const bool any_map = value.is_object() && value.empty();
  return any_map ? object.at(field).is_object() : object.at(field) == value;
}

// Whatever is in the way of the path goes.
void put_in(json& object, const json::json_pointer& field, const json& value) {
  for (json::json_pointer at = field.parent_pointer(); !at.empty(); at.pop_back()) {
    if (object.contains(at) && !object.at(at).is_object()) object.at(at) = json::object();
  }
  object[field] = value;
}

}  // namespace

bool Managers::owned(const std::string& field) const {
  return std::any_of(fields_.begin(), fields_.end(), [&](const auto& one) { return one.second.contains(field); });
}

void Managers::disown(const std::string& field) {
  for (auto& [manager, fields] : fields_) fields.erase(field);
}

void Managers::wrote(const json& before, const json& after) {
  const auto was = leaves(before);
  const auto is = leaves(after);
  for (const auto& [field, value] : was) {
    if (!is.contains(field)) disown(field);
  }
  for (const auto& [field, value] : is) {
    const auto at = was.find(field);
    if (at != was.end() && at->second == value) continue;
    disown(field);
    fields_[""].insert(field);
  }
  std::erase_if(fields_, [](const auto& one) { return one.second.empty(); });
}

json Managers::applied(const json& before, const std::string& manager, const json& wanted) {
  const auto named = leaves(wanted);
  const Fields formerly = std::exchange(fields_[manager], {});
  json after = before;
  for (const std::string& field : formerly) {
    if (!named.contains(field) && !owned(field)) take_out(after, json::json_pointer{field});
  }
  for (const auto& [field, value] : named) {
    const json::json_pointer at{field};
    if (!has(before, at, value)) disown(field);
    if (!has(after, at, value)) put_in(after, at, value);
    fields_[manager].insert(field);
  }
  return after;
}

}  // namespace atelier::sim
