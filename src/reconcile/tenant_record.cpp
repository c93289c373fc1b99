#include "reconcile/tenant_record.h"

namespace atelier::reconcile {
namespace {

using nlohmann::json;

Error unreadable(const char* what, const json::exception& error) {
  return {Errc::server, std::string(what) + " from the API server cannot be read: " + error.what()};
}

}  // namespace

Result<std::shared_ptr<const NamespaceRecord>> decode_namespace(std::string_view document) {
  try {
    const json object = json::parse(document, nullptr, false);  // its exception would quote the document
    const json& metadata = object.at("metadata");
    auto out = std::make_shared<NamespaceRecord>();
    out->name = metadata.at("name").get<std::string>();
    out->uid = Uid{metadata.at("uid").get<std::string>()};
    out->resource_version = metadata.value("resourceVersion", "");
    out->terminating = metadata.contains("deletionTimestamp");
    const json labels = metadata.value("labels", json::object());
    for (const auto& [key, value] : labels.items()) {
      if (key == render::kBusinessDomain || key.starts_with(render::kPodSecurity)) out->labels[key] = value;
    }
    for (const json& one : metadata.value("managedFields", json::array())) {
      if (one.value("manager", "") == render::kTenancyFieldManager && one.value("operation", "") == "Apply") {
        out->applied = true;
      }
    }
    return std::shared_ptr<const NamespaceRecord>(std::move(out));
  } catch (const json::exception& error) {
    return unreadable("a Namespace", error);
  }
}

Result<std::shared_ptr<const TenantPartRecord>> decode_tenant_part(render::TenantPart part, std::string_view document) {
  try {
    const json object = json::parse(document, nullptr, false);
    const json& metadata = object.at("metadata");
    auto out = std::make_shared<TenantPartRecord>();
    out->part = part;
    out->key = {metadata.at("namespace").get<std::string>(), metadata.at("name").get<std::string>()};
    out->uid = Uid{metadata.at("uid").get<std::string>()};
    out->resource_version = metadata.value("resourceVersion", "");
    out->tenant = metadata.value("labels", json::object()).value(render::kBusinessDomain, "");
    out->content = render::content_of(part, object);
    return std::shared_ptr<const TenantPartRecord>(std::move(out));
  } catch (const json::exception& error) {
    return unreadable("an object of a tenant", error);
  }
}

}  // namespace atelier::reconcile
