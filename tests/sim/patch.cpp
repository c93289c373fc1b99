#include "sim/patch.h"

#include "sim/refusal.h"

namespace atelier::sim {

using nlohmann::json;

json merge_patched(json document, const json& patch) {
  if (!patch.is_object()) throw bad_request("the merge patch is not an object");
  document.merge_patch(patch);
  return document;
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
