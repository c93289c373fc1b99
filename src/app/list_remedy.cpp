#include "app/list_remedy.h"

#include "atelier/api/shared_types.h"
#include "atelier/kube/oldest_version.h"

namespace atelier::app {
namespace {

std::string of_forbidden(const kube::Scope& scope) {
  const std::string what = "let the operator's ServiceAccount list and watch " + scope.resource.plural;
  if (scope.ns.empty()) {
    return what + ": kubectl apply --server-side -f deploy/base/rbac.yaml, or upgrade the Helm release";
  }
  return what + " in namespace \"" + scope.ns +
         "\" by a Role there, as deploy/overlays/one-namespace and the Helm release have it, or take that namespace "
         "out "
         "of --watch-namespaces";
}

std::string of_unserved(const kube::Scope& scope) {
  return scope.resource.group == api::kGroup ? install_of_kinds() : upgrade_of_cluster();
}

}  // namespace

std::string install_of_kinds() {
  return "install the custom resource definitions of this version: kubectl apply --server-side -k crds, or upgrade the "
         "Helm release";
}

std::string upgrade_of_cluster() { return "upgrade the cluster to Kubernetes " + kube::oldest_version() + " or later"; }

std::string remedy_of(const kube::Scope& scope, const Error& error) {
  if (error.http_status == 403) return of_forbidden(scope);
  if (error.http_status == 404) return of_unserved(scope);
  return "";
}

}  // namespace atelier::app
