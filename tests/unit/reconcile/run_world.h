// A world with one workspace, live, pinned to a digest and with a place for the run, and a pipeline of two tasks on it.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "atelier/api/codec.h"
#include "reconcile/world.h"

namespace atelier::reconcile::testing {

using nlohmann::json;

inline WallTime second(int n) { return WallTime{std::chrono::seconds{n}}; }

struct RunWorld {
  RunWorld() {
    add(world.tenants,
        json::parse(R"({"metadata": {"name": "bd", "uid": "bd-uid"}, "spec": {"namespaces": ["bd01"]}})"));
    add(world.domains, json::parse(R"({
      "metadata": {"name": "dd01", "namespace": "bd01", "uid": "dd-uid"},
      "spec": {"key": "dd01", "businessDomain": {"name": "bd"}, "workspaceNamespaces": ["team-a"],
               "storage": {"claimName": "storage", "owner": {"uid": 1, "gid": 1}}}})"));
    add(world.workspaces, workspace);
    add(world.pipelines, pipeline);
    add(world.runs, run);
    add(world.revisions);
    add(world.pods);
  }

  // The cache holds these objects from now on, and no others.
  template <class T, class... Documents>
  void add(kube::Store<T>& store, const Documents&... documents) {
    store.begin_list();
    (stage(store, documents), ...);
    store.commit_list(std::to_string(++version));
  }
  template <class T>
  void stage(kube::Store<T>& store, json document) {
    json& metadata = document["metadata"];
    metadata["resourceVersion"] = std::to_string(++version);
    kube::Identity identity;
    identity.key = {metadata.value("namespace", ""), metadata["name"].get<std::string>()};
    identity.uid = Uid{metadata["uid"].get<std::string>()};
    identity.resource_version = std::to_string(version);
    store.stage(identity, document.dump());
  }

  World world;
  int version = 100;
  json workspace = json::parse(R"({
    "metadata": {"name": "ws", "namespace": "team-a", "uid": "ws-uid"},
    "spec": {"dataDomain": {"name": "dd01", "namespace": "bd01"}, "image": {"repository": "r/ws", "tag": "1"},
             "dags": {"path": "/dags"}, "env": [{"name": "WHERE", "value": "${datadomain}"}]},
    "status": {"release": {"id": "rel-1", "imageDigest": "r/ws@sha256:1"},
               "places": [{"name": "run-1", "uid": "run-uid"}]}})");
  json pipeline = json::parse(R"({
    "metadata": {"name": "daily", "namespace": "team-a", "uid": "pl-uid"},
    "spec": {"workspace": {"name": "ws"}, "params": [{"name": "day"}],
             "tasks": [{"name": "a", "args": ["${params.day}"]}, {"name": "b", "dependsOn": ["a"]}]}})");
  json run = json::parse(R"({
    "metadata": {"name": "run-1", "namespace": "team-a", "uid": "run-uid", "generation": 1},
    "spec": {"pipeline": {"name": "daily"}, "params": {"day": "today"}}})");
};

}  // namespace atelier::reconcile::testing
