#include "app/list_remedy.h"

#include <gtest/gtest.h>

namespace atelier::app {
namespace {

Error answered(int status) {
  Error error{status == 403 ? Errc::forbidden : Errc::server, "no"};
  error.http_status = status;
  return error;
}

kube::Scope workspaces(const std::string& ns = "") {
  return {{"atelier.dev", "v1alpha1", "workspaces", true}, ns, "", ""};
}

TEST(ListRemedy, AMissingPermissionIsGrantedByTheShippedRoles) {
  EXPECT_EQ(remedy_of(workspaces(), answered(403)),
            "let the operator's ServiceAccount list and watch workspaces: kubectl apply --server-side -f "
            "deploy/base/rbac.yaml, or upgrade the Helm release");
}

TEST(ListRemedy, OfAChosenNamespaceItIsARoleThereThatIsMissing) {
  EXPECT_EQ(remedy_of(workspaces("team-a"), answered(403)),
            "let the operator's ServiceAccount list and watch workspaces in namespace \"team-a\" by a Role there, as "
            "deploy/overlays/one-namespace and the Helm release have it, or take that namespace out of "
            "--watch-namespaces");
}

TEST(ListRemedy, AKindOrVersionThatIsNotServedIsInstalled) {
  EXPECT_EQ(remedy_of(workspaces(), answered(404)),
            "install the custom resource definitions of this version: kubectl apply --server-side -k crds, or "
            "upgrade the Helm release");
}

TEST(ListRemedy, AKindOfKubernetesThatIsNotServedNeedsANewerCluster) {
  EXPECT_EQ(remedy_of({kube::kAdmissionPolicies, "", "", ""}, answered(404)),
            "upgrade the cluster to Kubernetes 1.34 or later");
}

TEST(ListRemedy, WhatMayPassNeedsNone) {
  EXPECT_EQ(remedy_of(workspaces(), answered(500)), "");
  EXPECT_EQ(remedy_of(workspaces(), answered(429)), "");
  EXPECT_EQ(remedy_of(workspaces(), Error{Errc::transport, "connection reset"}), "");
}

}  // namespace
}  // namespace atelier::app
