#include "reconcile/deployment_record.h"

#include <nlohmann/json.hpp>

#include "render/labels.h"

namespace atelier::reconcile {

using nlohmann::json;

namespace {

std::int64_t integer(const json& object, const char* field) {
  const auto at = object.find(field);
  return at != object.end() && at->is_number_integer() ? at->get<std::int64_t>() : 0;
}

}  // namespace

Result<std::shared_ptr<const DeploymentRecord>> decode_deployment(std::string_view document) {
  try {
    const json object = json::parse(document, nullptr, false);  // its exception would quote the document
    const json& metadata = object.at("metadata");
    auto out = std::make_shared<DeploymentRecord>();
    out->ns = metadata.at("namespace").get<std::string>();
    out->name = metadata.at("name").get<std::string>();
    out->uid = Uid{metadata.at("uid").get<std::string>()};
    out->generation = integer(metadata, "generation");
    for (const json& owner : metadata.value("ownerReferences", json::array())) {
      if (owner.value("controller", false)) out->owner = Uid{owner.at("uid").get<std::string>()};
    }
    out->input_hash = metadata.value("annotations", json::object()).value(render::kInputHash, "");
    const json status = object.value("status", json::object());
    out->observed_generation = integer(status, "observedGeneration");
    out->replicas = integer(status, "replicas");
    out->updated = integer(status, "updatedReplicas");
    out->available = integer(status, "availableReplicas");
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
