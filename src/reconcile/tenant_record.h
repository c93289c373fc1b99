// Namespaces, and what a tenant's BusinessDomain sets in them, as the operator keeps them.
#pragma once

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "atelier/base/ids.h"
#include "atelier/base/result.h"
#include "render/tenant_namespace.h"

namespace atelier::reconcile {

struct NamespaceRecord {
  std::string name;
  Uid uid;
  std::string resource_version;
  bool terminating = false;
  bool applied = false;                       // the operator has labels on it
  std::map<std::string, std::string> labels;  // of tenancy only

  std::string tenant() const {
    const auto at = labels.find(render::kBusinessDomain);
    return at == labels.end() ? "" : at->second;
  }
};

struct TenantPartRecord {
  render::TenantPart part{};
  ObjectKey key;
  Uid uid;
  std::string resource_version;
  std::string tenant;
  nlohmann::json content;

  // But for its version.
  bool says_the_same(const TenantPartRecord& other) const {
    return uid == other.uid && tenant == other.tenant && content == other.content;
  }
};

// Error: server, when it is not such an object.
Result<std::shared_ptr<const NamespaceRecord>> decode_namespace(std::string_view document);
Result<std::shared_ptr<const TenantPartRecord>> decode_tenant_part(render::TenantPart part, std::string_view document);

}  // namespace atelier::reconcile
