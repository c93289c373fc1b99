#include "reconcile/volume_node.h"

#include <algorithm>

#include "atelier/kube/request.h"

namespace atelier::reconcile {
namespace {

using nlohmann::json;

constexpr int kMostPods = 500;  // of the namespace; more are no reason to wait

bool is_final(const Result<json>& answer) {
  return answer || answer.error().code == Errc::not_found || answer.error().code == Errc::forbidden;
}

const json& at(const json& object, const char* path) {
  static const json kNone;
  const json::json_pointer pointer(path);
  return object.contains(pointer) ? object.at(pointer) : kNone;
}

// A bound claim's status says what its volume can; before that its spec says what it should.
bool is_for_one_node(const json& claim) {
  const json& bound = at(claim, "/status/accessModes");
  const json& modes = bound.is_array() && !bound.empty() ? bound : at(claim, "/spec/accessModes");
  return modes.is_array() && std::none_of(modes.begin(), modes.end(), [](const json& mode) {
           return mode == "ReadWriteMany" || mode == "ReadOnlyMany";
         });
}

bool mounts(const json& pod, const std::string& claim) {
  const json& volumes = at(pod, "/spec/volumes");
  return volumes.is_array() && std::any_of(volumes.begin(), volumes.end(), [&](const json& volume) {
           return at(volume, "/persistentVolumeClaim/claimName") == claim;
         });
}

std::string node_of(const json& pods, const std::string& claim) {
  for (const json& pod : at(pods, "/items")) {
    const json& phase = at(pod, "/status/phase");
    const json& node = at(pod, "/spec/nodeName");
    if (phase == "Succeeded" || phase == "Failed" || !node.is_string() || !mounts(pod, claim)) continue;
    return node.get<std::string>();
  }
  return "";
}

}  // namespace

std::optional<std::string> volume_node(kube::Plan& plan, const kube::Feedback& feedback, const ObjectKey& claim) {
  const std::string claim_id = "look at claim " + claim.to_string();
  const std::string pods_id = "look for the pods of claim " + claim.to_string();
  if (const auto* pods = feedback.find(pods_id); pods != nullptr && is_final(*pods)) {
    return *pods ? node_of(pods->value(), claim.name) : "";
  }
  const auto* seen = feedback.find(claim_id);
  if (seen == nullptr || !is_final(*seen)) {
    plan.writes.push_back(
        {claim_id, kube::get(kube::kPersistentVolumeClaims, claim), kube::kPersistentVolumeClaims.plural, claim});
    return std::nullopt;
  }
  if (!*seen || !is_for_one_node(seen->value())) return "";
  kube::ListOptions options;
  options.limit = kMostPods;
  plan.writes.push_back(
      {pods_id, kube::list(kube::kPods, claim.ns, options), "pods of claims", claim, kube::Answer::list});
  return std::nullopt;
}

}  // namespace atelier::reconcile
