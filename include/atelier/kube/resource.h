// Kubernetes resources as the API names them in paths.
#pragma once

#include <string>
#include <string_view>

#include "atelier/base/ids.h"

namespace atelier::kube {

struct Resource {
  std::string group;  // empty: the core group
  std::string version;
  std::string plural;
  bool namespaced = true;

  std::string api_version() const { return group.empty() ? version : group + "/" + version; }
  auto operator<=>(const Resource&) const = default;
};

// /api/v1/namespaces/a/pods; with an empty namespace, or for cluster-scoped resources, the collection of all.
std::string collection_path(const Resource& resource, std::string_view ns);
std::string object_path(const Resource& resource, const ObjectKey& key, std::string_view subresource = {});

// Everything but RFC 3986's unreserved characters becomes %XX.
std::string percent_encode(std::string_view text);

inline const Resource kPods{"", "v1", "pods", true};
inline const Resource kNamespaces{"", "v1", "namespaces", false};
inline const Resource kConfigMaps{"", "v1", "configmaps", true};
inline const Resource kSecrets{"", "v1", "secrets", true};
inline const Resource kEvents{"", "v1", "events", true};
inline const Resource kPersistentVolumeClaims{"", "v1", "persistentvolumeclaims", true};
inline const Resource kResourceQuotas{"", "v1", "resourcequotas", true};
inline const Resource kLimitRanges{"", "v1", "limitranges", true};
inline const Resource kNetworkPolicies{"networking.k8s.io", "v1", "networkpolicies", true};
inline const Resource kRoleBindings{"rbac.authorization.k8s.io", "v1", "rolebindings", true};
inline const Resource kDeployments{"apps", "v1", "deployments", true};
inline const Resource kStatefulSets{"apps", "v1", "statefulsets", true};
inline const Resource kControllerRevisions{"apps", "v1", "controllerrevisions", true};
inline const Resource kAdmissionPolicies{"admissionregistration.k8s.io", "v1", "validatingadmissionpolicies", false};
inline const Resource kAdmissionBindings{"admissionregistration.k8s.io", "v1", "validatingadmissionpolicybindings",
                                         false};
inline const Resource kLeases{"coordination.k8s.io", "v1", "leases", true};

}  // namespace atelier::kube
