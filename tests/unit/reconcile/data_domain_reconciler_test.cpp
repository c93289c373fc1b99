// When a DataDomain takes a Workspace for gone: what is swept of it from the storage cannot be brought back.
#include "reconcile/data_domain_reconciler.h"

#include <gtest/gtest.h>

#include "unit/reconcile/run_world.h"

namespace atelier::reconcile {
namespace {

using nlohmann::json;
using testing::second;

constexpr const char* kConfirm = "confirm that workspace team-a/ws ws-uid is gone";

struct Sweeps : testing::RunWorld {
  Sweeps() {
    add(world.domains, json::parse(R"({
      "metadata": {"name": "dd01", "namespace": "bd01", "uid": "dd-uid"},
      "spec": {"key": "dd01", "businessDomain": {"name": "bd"}, "workspaceNamespaces": ["team-a"],
               "storage": {"claimName": "storage", "owner": {"uid": 1, "gid": 1}}},
      "status": {"claims": [{"name": "ws", "namespace": "team-a", "uid": "ws-uid"}]}})"));
    add(world.workspaces);
    workspace["apiVersion"] = "atelier.dev/v1alpha1";
    workspace["kind"] = "Workspace";
  }
  static bool asks(const kube::Plan& plan) {
    return std::any_of(plan.writes.begin(), plan.writes.end(),
                       [](const kube::Write& write) { return write.id == kConfirm; });
  }
  // Whether what the claim holds on the storage is to be swept, after this answer of the API server's.
  bool sweeps(const Result<json>& answer) {
    DataDomainReconciler reconciler{world, "stage:1"};
    EXPECT_TRUE(asks(reconciler.reconcile({"bd01", "dd01"}, {}, second(1))));
    kube::Feedback feedback;
    feedback.results.emplace(kConfirm, answer);
    const kube::Plan plan = reconciler.reconcile({"bd01", "dd01"}, feedback, second(2));
    bool marked = false;
    for (const kube::Write& write : plan.writes) {
      if (write.id != "write status") continue;
      const json claims = json::parse(write.request.body)["status"].value("claims", json::array());
      marked = !claims.empty() && claims[0].value("sweeping", false);
    }
    EXPECT_NE(marked, asks(plan)) << "what is not gone is asked about again";
    return marked;
  }
  bool sweeps_without(const char* pointer) {
    json object = workspace;
    const json::json_pointer at{pointer};
    object[at.parent_pointer()].erase(at.back());
    return sweeps(object);
  }
};

TEST(DataDomainReconciler, SweepsWhatALiveReadDoesNotFindOrFindsToBeAnotherOrElsewhere) {
  Sweeps world;
  EXPECT_FALSE(world.sweeps(world.workspace));
  EXPECT_TRUE(world.sweeps(Error{Errc::not_found, "no"}));
  json other = world.workspace;
  other["metadata"]["uid"] = "another-uid";
  EXPECT_TRUE(world.sweeps(other));
  json moved = world.workspace;
  moved["spec"]["dataDomain"]["name"] = "dd02";
  EXPECT_TRUE(world.sweeps(moved));
}

TEST(DataDomainReconciler, SweepsNothingForAnAnswerThatIsNotTheWorkspace) {
  Sweeps world;
  EXPECT_FALSE(world.sweeps(Error{Errc::forbidden, "no"}));
  for (const char* field : {"/kind", "/spec", "/spec/dataDomain", "/metadata/uid", "/metadata/namespace"}) {
    EXPECT_FALSE(world.sweeps_without(field)) << field;
  }
  json elsewhere = world.workspace;
  elsewhere["metadata"]["namespace"] = "team-b";
  elsewhere["metadata"]["uid"] = "another-uid";
  EXPECT_FALSE(world.sweeps(elsewhere));
  json nobodys = world.workspace;
  nobodys["spec"]["dataDomain"]["name"] = "";
  EXPECT_FALSE(world.sweeps(nobodys));
  const json partial = {{"kind", "PartialObjectMetadata"}, {"metadata", world.workspace["metadata"]}};
  for (const json& answer : {json(nullptr), json::array(), json("gone"), json::object(), partial}) {
    EXPECT_FALSE(world.sweeps(answer)) << answer;
  }
}

}  // namespace
}  // namespace atelier::reconcile
