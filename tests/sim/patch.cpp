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
    json out = document;
    for (json operation : operations) {
      if (operation.value("op", "") == "replace") {
        const json::json_pointer around = json::json_pointer{operation.at("path").get<std::string>()}.parent_pointer();
        if (out.contains(around) && out.at(around).is_object()) operation["op"] = "add";
      }
      out.patch_inplace(json::array({std::move(operation)}));
    }
    return out;
  } catch (const json::exception& error) {
    throw invalid(std::string("the server rejected our request due to an error in our request: ") + error.what());
  }
}

}  // namespace atelier::sim
