// A workspace in a world where all is well; each test changes what it is about.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "reconcile/workspace_policy.h"
#include "render/labels.h"
#include "render/publish_pod.h"

namespace atelier::reconcile::testing {

inline WallTime second(int n) { return WallTime{std::chrono::seconds{n}}; }

struct WorkspaceWorld {
  WorkspaceWorld() {
    tenant.metadata.name = "bd";
    tenant.spec.namespaces = {"bd01"};
    domain.metadata.name = "dd01";
    domain.metadata.ns = "bd01";
    domain.metadata.uid = Uid{"domain-uid"};
    domain.spec.key = "dd01";
    domain.spec.business_domain.name = "bd";
    domain.spec.storage = {"storage", {50000, 50000}};
    domain.spec.workspace_namespaces = {"team-a"};
    domain.status.claims = {{"ws", "team-a", Uid{"ws-uid"}}};
    meta::Condition ready;
    ready.type = "Ready";
    ready.status = meta::ConditionStatus::true_;
    domain.status.conditions = {ready};
    workspace.metadata.name = "ws";
    workspace.metadata.ns = "team-a";
    workspace.metadata.uid = Uid{"ws-uid"};
    workspace.metadata.generation = 3;
    workspace.spec.data_domain = {"dd01", "bd01"};
    workspace.spec.image.repository = "registry/ws";
    workspace.spec.image.tag = "1";
    workspace.spec.dags.path = "/dags";
  }

  WorkspaceDecision decide() const {
    WorkspaceInput input{.workspace = workspace, .stage_image = stage_image, .now = now};
    input.domain = has_domain ? &domain : nullptr;
    input.tenant = &tenant;
    input.publish_pod = pod ? &*pod : nullptr;
    input.deployment = deployment ? &*deployment : nullptr;
    input.container_pods = container_pods;
    input.seekers = seekers;
    input.airflow = airflow;
    input.refusals = refusals;
    input.followed = followed;
    return reconcile::decide(input);
  }

  // The pod that the present spec asks for, in its first moments.
  PodRecord& publish_pod() {
    pod.emplace();
    pod->ns = "bd01";
    pod->name = render::publish_pod_name(workspace.metadata.key());
    pod->uid = Uid{"pod-uid"};
    pod->component = "publish";
    pod->storage.make().data_domain = "dd01";
    pod->storage.make().workspace_uid = workspace.metadata.uid;
    pod->storage.make().input_hash = render::publish_input_hash(workspace, domain);
    pod->storage.make().pod_hash = annotation(render::publish_pod(workspace, domain, stage_image), render::kPodHash);
    pod->storage.make().generation = workspace.metadata.generation;
    pod->storage.make().image = "registry/ws:1";
    pod->phase = PodPhase::pending;
    pod->created = second(90);
    return *pod;
  }

  void pod_publishes(const std::string& release) {
    PodRecord& record = publish_pod();
    record.phase = PodPhase::succeeded;
    ContainerRecord stage;
    stage.name = "stage";
    stage.image_id = "registry/ws@sha256:77";
    ContainerRecord publish;
    publish.name = "publish";
    publish.terminated = true;
    publish.message = R"({"ok":true,"step":"publish","release":")" + release + R"(","files":3,"bytes":9})";
    publish.finished = second(99);
    record.init_containers = {stage};
    record.containers = {publish};
  }

  void pod_fails(const std::string& step, int exit_code, const std::string& message) {
    PodRecord& record = publish_pod();
    record.phase = PodPhase::failed;
    ContainerRecord container;
    container.name = step;
    container.terminated = true;
    container.exit_code = exit_code;
    container.message = message;
    container.finished = second(95);
    record.init_containers = {container};
  }

  // Waits for its image, whose step is `step`.
  void pod_waits(const std::string& step) {
    ContainerRecord container;
    container.name = step;
    container.waiting.make().reason = "ImagePullBackOff";
    container.waiting.make().message = "no such image";
    publish_pod().init_containers = {container};
  }

  // Writes the status as the controller does.
  void commit(const WorkspaceDecision& decision) { workspace.status = decision.status; }

  void is_live() {
    pod_publishes("abcdef0123456789");
    commit(decide());
    pod.reset();
    commit(decide());
  }

  api::BusinessDomain tenant;
  api::DataDomain domain;
  api::Workspace workspace;
  std::optional<PodRecord> pod;
  std::optional<DeploymentRecord> deployment;
  std::vector<std::shared_ptr<const PodRecord>> container_pods;
  std::vector<PlaceSeeker> seekers;
  const AirflowEnv* airflow = nullptr;
  WorkspaceRefusals refusals;
  FollowedImage followed;
  std::string stage_image = "stage:1";
  bool has_domain = true;
  WallTime now = second(100);
};

inline std::string ready_reason(const WorkspaceDecision& decision) {
  const meta::Condition* ready = meta::find_condition(decision.status.conditions, "Ready");
  return ready == nullptr ? "(none)" : std::string(meta::to_string(ready->status)) + " " + ready->reason;
}

inline std::string ready_message(const WorkspaceDecision& decision) {
  return meta::find_condition(decision.status.conditions, "Ready")->message;
}

}  // namespace atelier::reconcile::testing
