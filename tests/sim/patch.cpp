#include "sim/patch.h"

#include <algorithm>

#include "sim/refusal.h"

namespace atelier::sim {

using nlohmann::json;

json merge_patched(const json& document, const json& patch) {
  if (!patch.is_object()) throw bad_request("the merge patch is not an object");
  json out = document;
  out.merge_patch(patch);
  return out;
}

json strategic_merged(const json& document, const json& patch) {
  const json::json_pointer owners{"/metadata/ownerReferences"};
  json merged = document.value(owners, json::array());
  for (const json& owner : patch.value(owners, json::array())) {
    const auto same = [&owner](const json& one) { return one["uid"] == owner["uid"]; };
    const auto known = std::find_if(merged.begin(), merged.end(), same);
    if (known == merged.end()) {
      merged.push_back(owner);
    } else {
      known->update(owner);
    }
  }
  json out = merge_patched(document, patch);
  if (patch.contains(owners)) out[owners] = std::move(merged);
  return out;
}

json json_patched(const json& document, const json& operations) {
  if (!operations.is_array()) throw bad_request("the JSON patch is not an array");
  try {
    return document.patch(operations);
  } catch (const json::exception& error) {
    throw invalid(std::string("the server rejected our request due to an error in our request: ") + error.what());
  }
}

json applied(json document, const json& before, const json& wanted) {
  if (!document.is_object() || !wanted.is_object()) return wanted;
  if (before.is_object()) {
    for (const auto& [key, value] : before.items()) {
      if (!wanted.contains(key)) document.erase(key);
    }
  }
  for (const auto& [key, value] : wanted.items()) {
    const json was = before.is_object() && before.contains(key) ? before[key] : json();
    document[key] = document.contains(key) ? applied(document[key], was, value) : value;
  }
  return document;
}

}  // namespace atelier::sim
