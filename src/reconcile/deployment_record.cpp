#include "reconcile/deployment_record.h"

#include <nlohmann/json.hpp>

#include "render/labels.h"

namespace atelier::reconcile {

using nlohmann::json;

Result<std::shared_ptr<const DeploymentRecord>> decode_deployment(std::string_view document) {
  try {
    const json object = json::parse(document);
    const json& metadata = object.at("metadata");
    auto out = std::make_shared<DeploymentRecord>();
    out->ns = metadata.at("namespace").get<std::string>();
    out->name = metadata.at("name").get<std::string>();
    out->uid = Uid{metadata.at("uid").get<std::string>()};
    out->generation = metadata.value("generation", std::int64_t{0});
    for (const json& owner : metadata.value("ownerReferences", json::array())) {
      if (owner.value("controller", false)) out->owner = Uid{owner.at("uid").get<std::string>()};
    }
    out->input_hash = metadata.value("annotations", json::object()).value(render::kInputHash, "");
    const json status = object.value("status", json::object());
    out->observed_generation = status.value("observedGeneration", std::int64_t{0});
    out->replicas = status.value("replicas", std::int64_t{0});
    out->updated = status.value("updatedReplicas", std::int64_t{0});
    out->available = status.value("availableReplicas", std::int64_t{0});
    for (const json& condition : status.value("conditions", json::array())) {
      const std::string type = condition.value("type", "");
      const bool bad = type == "ReplicaFailure" ? condition.value("status", "") == "True"
                                                : type == "Progressing" && condition.value("status", "") == "False";
      if (bad) out->trouble = condition.value("message", "");
    }
    return std::shared_ptr<const DeploymentRecord>(std::move(out));
  } catch (const json::exception& error) {
    return Error{Errc::server, std::string("a Deployment from the API server cannot be read: ") + error.what()};
  }
}

}  // namespace atelier::reconcile
