#include "atelier/kube/request.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace atelier::kube {
namespace {

using nlohmann::json;

const Resource kRuns{"atelier.dev", "v1alpha1", "pipelineruns", true};
const ObjectKey kRun{"team-a", "nightly"};

std::string header(const http::Request& request, std::string_view name) {
  for (const auto& [key, value] : request.headers) {
    if (key == name) return value;
  }
  return {};
}

TEST(Requests, NameCollectionsOfTheCoreGroupAndOfOthers) {
  EXPECT_EQ(list(kPods, "team-a").target, "/api/v1/namespaces/team-a/pods");
  EXPECT_EQ(list(kPods, "").target, "/api/v1/pods");
  EXPECT_EQ(list(kRuns, "").target, "/apis/atelier.dev/v1alpha1/pipelineruns");
  EXPECT_EQ(list(kNamespaces, "").target, "/api/v1/namespaces");
}

TEST(Requests, LeaveTheNamespaceOutOfClusterScopedPaths) {
  EXPECT_EQ(get(kNamespaces, {"ignored", "team-a"}).target, "/api/v1/namespaces/team-a");
}

TEST(Requests, EncodeSelectors) {
  ListOptions options;
  options.label_selector = "app=a,tier in (x, y)";
  options.field_selector = "metadata.name=é";
  EXPECT_EQ(list(kPods, "a", options).target,
            "/api/v1/namespaces/a/pods?labelSelector=app%3Da%2Ctier%20in%20%28x%2C%20y%29"
            "&fieldSelector=metadata.name%3D%C3%A9");
}

TEST(Requests, DoNotLetANameLeaveItsPath) {
  EXPECT_EQ(get(kPods, {"a", "../secrets/x?y"}).target, "/api/v1/namespaces/a/pods/..%2Fsecrets%2Fx%3Fy");
}

TEST(Requests, PageThroughAListWithoutAVersionOnLaterPages) {
  ListOptions options;
  options.limit = 500;
  options.resource_version = "42";
  EXPECT_EQ(list(kPods, "", options).target,
            "/api/v1/pods?limit=500&resourceVersion=42&resourceVersionMatch=NotOlderThan");
  options.continue_token = "abc+/=";
  EXPECT_EQ(list(kPods, "", options).target, "/api/v1/pods?limit=500&continue=abc%2B%2F%3D");
}

TEST(Requests, WatchWithBookmarksAndAnIdleTimeoutAboveTheServers) {
  WatchOptions options;
  options.resource_version = "7";
  options.timeout = std::chrono::seconds{301};
  options.label_selector = "a";
  const auto request = watch(kRuns, "x", options);
  EXPECT_EQ(request.target,
            "/apis/atelier.dev/v1alpha1/namespaces/x/pipelineruns?watch=1&allowWatchBookmarks=true&labelSelector=a"
            "&resourceVersion=7&timeoutSeconds=301");
  EXPECT_EQ(request.timeout, Millis{0});
  EXPECT_EQ(request.idle_timeout, std::chrono::seconds{306});
}

TEST(Requests, CreateInTheCollection) {
  const auto request = create(kRuns, "team-a", {{"kind", "PipelineRun"}});
  EXPECT_EQ(request.method, http::Method::post);
  EXPECT_EQ(request.target, "/apis/atelier.dev/v1alpha1/namespaces/team-a/pipelineruns");
  EXPECT_EQ(header(request, "Content-Type"), "application/json");
  EXPECT_EQ(request.body, R"({"kind":"PipelineRun"})");
  EXPECT_EQ(request.timeout, kRequestTimeout);
}

TEST(Requests, PatchASubresourceWithTheRightMediaType) {
  const auto merge = merge_patch(kRuns, kRun, {{"status", {{"phase", "x"}}}}, "status");
  EXPECT_EQ(merge.method, http::Method::patch);
  EXPECT_EQ(merge.target, "/apis/atelier.dev/v1alpha1/namespaces/team-a/pipelineruns/nightly/status");
  EXPECT_EQ(header(merge, "Content-Type"), "application/merge-patch+json");
  const auto operations = json_patch(kRuns, kRun, json::array({{{"op", "remove"}, {"path", "/x"}}}));
  EXPECT_EQ(header(operations, "Content-Type"), "application/json-patch+json");
  EXPECT_EQ(operations.body, R"([{"op":"remove","path":"/x"}])");
}

TEST(Requests, ApplyAsAFieldManager) {
  const auto request = apply(kRuns, kRun, json::object(), "atelier finalizer");
  EXPECT_EQ(request.target,
            "/apis/atelier.dev/v1alpha1/namespaces/team-a/pipelineruns/nightly?fieldManager=atelier%20finalizer"
            "&force=true");
  EXPECT_EQ(header(request, "Content-Type"), "application/apply-patch+yaml");
}

TEST(Requests, ReplaceWithPut) {
  const auto request = update(kRuns, kRun, {{"a", 1}});
  EXPECT_EQ(request.method, http::Method::put);
  EXPECT_EQ(request.body, R"({"a":1})");
}

TEST(Requests, DeleteWithPreconditionsAndGrace) {
  DeleteOptions options;
  options.uid = Uid{"u1"};
  options.resource_version = "9";
  options.grace_seconds = 0;
  options.propagation = "Background";
  const auto request = delete_(kPods, kRun, options);
  EXPECT_EQ(request.method, http::Method::delete_);
  EXPECT_EQ(json::parse(request.body), json::parse(R"({"apiVersion":"v1","kind":"DeleteOptions","gracePeriodSeconds":0,
                            "preconditions":{"uid":"u1","resourceVersion":"9"},"propagationPolicy":"Background"})"));
  EXPECT_EQ(json::parse(delete_(kPods, kRun).body), json::parse(R"({"apiVersion":"v1","kind":"DeleteOptions"})"));
}

TEST(Requests, CarryBrokenUtf8AsReplacementCharacters) {
  EXPECT_EQ(create(kPods, "a", {{"x", "\xff"}}).body, "{\"x\":\"\xef\xbf\xbd\"}");
}

}  // namespace
}  // namespace atelier::kube
