// The model of the API server against what the real one does.
#include "sim/api_model.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "atelier/kube/request.h"
#include "sim/garbage.h"
#include "sim/refusal.h"
#include "sim/sim_loop.h"

namespace atelier::sim {
namespace {

using nlohmann::json;

const kube::Resource kRuns{"atelier.dev", "v1alpha1", "pipelineruns", true};
const ObjectKey kKey{"ns", "a"};

class ApiModelTest : public ::testing::Test {
 protected:
  struct Answer {
    int status;
    json body;
    std::string reason() const { return body.value("reason", ""); }
    std::string version() const { return body["metadata"]["resourceVersion"].get<std::string>(); }
  };

  Answer ask(const http::Request& request) {
    const http::Response response = model.handle(request);
    return {response.status, json::parse(response.body)};
  }
  static json run(const std::string& name = "a") {
    return {{"apiVersion", "atelier.dev/v1alpha1"},
            {"kind", "PipelineRun"},
            {"metadata", {{"name", name}}},
            {"spec", {{"pipeline", {{"name", "p"}}}}},
            {"status", {{"phase", "Running"}}}};
  }
  static json pod(const std::string& name = "a", json metadata = json::object()) {
    metadata["name"] = name;
    return {{"metadata", metadata}, {"spec", {{"containers", {{{"name", "task"}, {"image", "i"}}}}}}};
  }
  Answer create(const json& object) { return ask(kube::create(kRuns, "ns", object)); }
  Answer create_pod(const json& object) { return ask(kube::create(kube::kPods, "ns", object)); }

  SimLoop loop;
  ApiModel model{loop};
};

TEST_F(ApiModelTest, CreatesWithServerFields) {
  const Answer made = create(run());
  EXPECT_EQ(made.status, 201);
  EXPECT_EQ(made.body["metadata"]["generation"], 1);
  EXPECT_EQ(made.body["metadata"]["namespace"], "ns");
  EXPECT_EQ(made.body["metadata"]["creationTimestamp"], "2026-01-01T00:00:00Z");
  EXPECT_FALSE(made.body.contains("status")) << "status is not taken at creation";
  const Answer again = create(run());
  EXPECT_EQ(again.status, 409);
  EXPECT_EQ(again.reason(), "AlreadyExists");
}

TEST_F(ApiModelTest, SeparatesStatusFromTheRest) {
  create(run());
  const json both = {{"spec", {{"cancel", json::object()}}}, {"status", {{"phase", "Failed"}}}};
  const Answer main = ask(kube::merge_patch(kRuns, kKey, both));
  EXPECT_FALSE(main.body.contains("status"));
  EXPECT_EQ(main.body["metadata"]["generation"], 2);
  const Answer status = ask(kube::merge_patch(
      kRuns, kKey, {{"spec", nullptr}, {"metadata", {{"labels", {{"x", "y"}}}}}, {"status", {{"phase", "Failed"}}}},
      "status"));
  EXPECT_EQ(status.body["status"]["phase"], "Failed");
  EXPECT_TRUE(status.body["spec"].contains("cancel"));
  EXPECT_FALSE(status.body["metadata"].contains("labels"));
  EXPECT_EQ(status.body["metadata"]["generation"], 2);
}

TEST_F(ApiModelTest, ChecksTheVersionOfAPatch) {
  const std::string first = create(run()).version();
  const auto patch = [&](const std::string& version, const char* phase) {
    return ask(kube::merge_patch(
        kRuns, kKey, {{"metadata", {{"resourceVersion", version}}}, {"status", {{"phase", phase}}}}, "status"));
  };
  const Answer one = patch(first, "Running");
  EXPECT_EQ(one.status, 200);
  EXPECT_NE(one.version(), first);
  const Answer two = patch(first, "Failed");
  EXPECT_EQ(two.status, 409);
  EXPECT_EQ(two.reason(), "Conflict");
  const Answer same = patch(one.version(), "Running");
  EXPECT_EQ(same.version(), one.version()) << "a patch without change is no change";
}

TEST_F(ApiModelTest, UpdatesOnlyWhatItWasShown) {
  json object = create(run()).body;
  object["metadata"]["labels"] = {{"x", "y"}};
  EXPECT_EQ(ask(kube::update(kRuns, kKey, object)).status, 200);
  EXPECT_EQ(ask(kube::update(kRuns, kKey, object)).status, 409);
  EXPECT_EQ(ask(kube::update(kRuns, {"ns", "b"}, run("b"))).status, 404);
}

TEST_F(ApiModelTest, TakesAnUpdateOfACustomResourceOnlyWithItsVersion) {
  json object = create(run()).body;
  object["metadata"].erase("resourceVersion");
  EXPECT_EQ(ask(kube::update(kRuns, kKey, object)).status, 422);
  EXPECT_EQ(ask(kube::update(kRuns, kKey, object, "status")).status, 422);
}

TEST_F(ApiModelTest, ChecksTheUidOfAPatchButForTheStatusOfCustomResources) {
  create(run());
  const json patch = {{"metadata", {{"uid", "another"}}}, {"status", {{"phase", "Failed"}}}};
  EXPECT_EQ(ask(kube::merge_patch(kRuns, kKey, patch)).status, 422);
  EXPECT_EQ(ask(kube::merge_patch(kRuns, kKey, patch, "status")).status, 200);
}

TEST_F(ApiModelTest, KeepsTheDataOfAControllerRevision) {
  const json revision = {{"metadata", {{"name", "a"}}}, {"revision", 1}, {"data", {{"x", 1}}}};
  ask(kube::create(kube::kControllerRevisions, "ns", revision));
  EXPECT_EQ(ask(kube::merge_patch(kube::kControllerRevisions, kKey, {{"data", {{"x", 2}}}})).status, 422);
  EXPECT_EQ(ask(kube::merge_patch(kube::kControllerRevisions, kKey, {{"revision", 2}})).status, 200);
}

TEST_F(ApiModelTest, RefusesAJsonPatchThatDoesNotFit) {
  create_pod(pod("a", {{"finalizers", {"x/one", "x/two"}}}));
  const auto release = [&](const char* expected) {
    const json path = "/metadata/finalizers/0";
    return ask(
        kube::json_patch(kube::kPods, kKey,
                         {{{"op", "test"}, {"path", path}, {"value", expected}}, {{"op", "remove"}, {"path", path}}}));
  };
  EXPECT_EQ(release("x/two").status, 422);
  EXPECT_EQ(release("x/one").body["metadata"]["finalizers"], json::array({"x/two"}));
  EXPECT_EQ(release("x/one").status, 422);
  EXPECT_EQ(ask(kube::json_patch(kube::kPods, kKey, {{{"op", "remove"}, {"path", "/metadata/labels/q"}}})).status, 422);
  EXPECT_EQ(ask(kube::json_patch(kube::kPods, {"ns", "b"}, json::array())).status, 404);
}

TEST_F(ApiModelTest, AppliesAndTakesBackWhatItApplied) {
  const auto apply = [&](const json& spec) {
    return ask(kube::apply(
        kube::kDeployments, kKey,
        {{"apiVersion", "apps/v1"}, {"kind", "Deployment"}, {"metadata", {{"name", "a"}}}, {"spec", spec}}, "me"));
  };
  EXPECT_EQ(apply({{"replicas", 1}, {"paused", true}}).status, 201);
  const Answer second = apply({{"replicas", 1}});
  EXPECT_EQ(second.status, 200);
  EXPECT_FALSE(second.body["spec"].contains("paused"));
  EXPECT_EQ(second.body["metadata"]["generation"], 2);
  EXPECT_EQ(apply({{"replicas", 1}}).version(), second.version());
}

TEST_F(ApiModelTest, LeavesToOthersWhatTheyApplied) {
  const auto apply = [&](const char* manager, const json& data) {
    return ask(kube::apply(kube::kConfigMaps, kKey,
                           {{"apiVersion", "v1"}, {"kind", "ConfigMap"}, {"metadata", {{"name", "a"}}}, {"data", data}},
                           manager))
        .body.value("data", json());
  };
  apply("one", {{"x", "1"}, {"y", "1"}});
  apply("two", {{"x", "1"}});
  EXPECT_EQ(apply("one", {{"z", "1"}}), json({{"x", "1"}, {"z", "1"}})) << "x is also of two, y is of nobody";
  ask(kube::merge_patch(kube::kConfigMaps, kKey, {{"data", {{"z", "2"}}}}));
  EXPECT_EQ(apply("one", json::object()), json({{"x", "1"}, {"z", "2"}})) << "z is of who changed it";
  EXPECT_EQ(apply("two", {{"z", "3"}}), json({{"z", "3"}}));
}

TEST_F(ApiModelTest, DeletesOnlyTheUidThatWasMeant) {
  create(run());
  kube::DeleteOptions options;
  options.uid = Uid{"another"};
  EXPECT_EQ(ask(kube::delete_(kRuns, kKey, options)).status, 409);
  const Answer gone = ask(kube::delete_(kRuns, kKey));
  EXPECT_EQ(gone.body["status"], "Success");
  EXPECT_EQ(ask(kube::delete_(kRuns, kKey)).status, 404);
  EXPECT_EQ(ask(kube::get(kRuns, kKey)).status, 404);
}

TEST_F(ApiModelTest, KeepsAPodForItsFinalizerAndItsGrace) {
  create_pod(pod("a", {{"finalizers", {"x/one"}}}));
  model.bind(kKey, "node");
  const Answer asked = ask(kube::delete_(kube::kPods, kKey));
  EXPECT_EQ(asked.body["metadata"]["deletionGracePeriodSeconds"], 30);
  EXPECT_EQ(asked.body["metadata"]["deletionTimestamp"], "2026-01-01T00:00:30Z");
  const json release = {{{"op", "remove"}, {"path", "/metadata/finalizers/0"}}};
  EXPECT_EQ(ask(kube::json_patch(kube::kPods, kKey, release)).status, 200);
  EXPECT_EQ(ask(kube::get(kube::kPods, kKey)).status, 200) << "the kubelet has not ended it";
  const json again = {{"metadata", {{"finalizers", {"x/one"}}}}};
  EXPECT_EQ(ask(kube::merge_patch(kube::kPods, kKey, again)).status, 422);
  kube::DeleteOptions now;
  now.grace_seconds = 0;
  EXPECT_EQ(ask(kube::delete_(kube::kPods, kKey, now)).status, 200);
  EXPECT_EQ(ask(kube::get(kube::kPods, kKey)).status, 404);
}

TEST_F(ApiModelTest, RemovesAnEndedPodWithItsLastFinalizer) {
  create_pod(pod("a", {{"finalizers", {"x/one"}}}));
  EXPECT_EQ(ask(kube::delete_(kube::kPods, kKey)).body["metadata"]["deletionGracePeriodSeconds"], 0);
  EXPECT_EQ(ask(kube::get(kube::kPods, kKey)).status, 200);
  const Answer before = ask(kube::get(kube::kPods, kKey));
  const Answer last = ask(kube::merge_patch(kube::kPods, kKey, {{"metadata", {{"finalizers", nullptr}}}}));
  EXPECT_EQ(last.status, 200);
  EXPECT_EQ(last.version(), before.version()) << "nothing was written, and the version of the deletion is not told";
  EXPECT_FALSE(last.body["metadata"].contains("finalizers"));
  EXPECT_EQ(ask(kube::get(kube::kPods, kKey)).status, 404);
}

TEST_F(ApiModelTest, SaysThatAPodGoesBeforeItGoes) {
  create_pod(pod());
  create(run());
  std::vector<std::string> changes;
  model.on_change(
      [&](const Change& change) { changes.push_back((change.after == nullptr ? "gone " : "") + change.kind->plural); });
  EXPECT_EQ(ask(kube::delete_(kube::kPods, kKey)).body["metadata"]["generation"], 2);
  EXPECT_EQ(ask(kube::delete_(kRuns, kKey)).status, 200);
  EXPECT_THAT(changes, ::testing::ElementsAre("pods", "gone pods", "gone pipelineruns"));
}

TEST_F(ApiModelTest, ListsInPagesOfOneSnapshot) {
  for (const char* name : {"a", "b", "c"}) create(run(name));
  kube::ListOptions options;
  options.limit = 2;
  const Answer first = ask(kube::list(kRuns, "", options));
  EXPECT_EQ(first.body["items"].size(), 2U);
  create(run("d"));
  options.continue_token = first.body["metadata"]["continue"].get<std::string>();
  const Answer second = ask(kube::list(kRuns, "", options));
  EXPECT_EQ(second.body["items"].size(), 1U);
  EXPECT_EQ(second.version(), first.version());
  EXPECT_FALSE(second.body["metadata"].contains("continue"));
  model.compact();
  EXPECT_EQ(ask(kube::list(kRuns, "", options)).status, 410);
}

TEST_F(ApiModelTest, SelectsByLabelsAndFields) {
  create_pod(pod("a", {{"labels", {{"app", "x"}}}}));
  create_pod(pod("b"));
  const auto count = [&](const std::string& labels, const std::string& fields) {
    return ask(kube::list(
                   kube::kPods, "ns",
                   {.label_selector = labels, .field_selector = fields, .continue_token = {}, .resource_version = {}}))
        .body["items"]
        .size();
  };
  EXPECT_EQ(count("app=x", ""), 1U);
  EXPECT_EQ(count("app!=x", ""), 1U);
  EXPECT_EQ(count("!app", "status.phase=Pending"), 1U);
  EXPECT_EQ(count("", "metadata.name=b"), 1U);
  EXPECT_EQ(count("app,app!=y", "status.phase=Running"), 0U);
}

TEST_F(ApiModelTest, CollectsWhatLostItsOwners) {
  const GarbageCollector garbage{model, loop};
  const auto owner = [](const Answer& of) {
    return json{{"apiVersion", of.body["apiVersion"]},
                {"kind", of.body["kind"]},
                {"name", of.body["metadata"]["name"]},
                {"uid", of.body["metadata"]["uid"]}};
  };
  const json one = owner(create(run("one")));
  const json two = owner(create(run("two")));
  create_pod(pod("of-one", {{"ownerReferences", {one}}}));
  create_pod(pod("of-both", {{"ownerReferences", {one, two}}}));
  ask(kube::delete_(kRuns, {"ns", "one"}));
  loop.advance(Millis{5'000});
  EXPECT_EQ(ask(kube::get(kube::kPods, {"ns", "of-one"})).status, 404);
  EXPECT_EQ(ask(kube::get(kube::kPods, {"ns", "of-both"})).body["metadata"]["ownerReferences"], json::array({two}));
}

TEST_F(ApiModelTest, KnowsWhatDoesNotExist) {
  http::Request request;
  for (const char* target : {"/", "/api/v1/nothing", "/apis/atelier.dev/v1/pipelineruns", "/api/v1/pods/a",
                             "/api/v1/namespaces/ns/configmaps/a/status", "/version"}) {
    request.target = target;
    EXPECT_EQ(model.handle(request).status, 404) << target;
  }
}

}  // namespace
}  // namespace atelier::sim
