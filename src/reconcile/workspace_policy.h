// What to do about a Workspace: pure, one step at a time.
//
// Flow: admitted -> image that is followed in status -> claim recorded in the DataDomain -> publish pod -> release in
// status -> publish pod deleted -> Deployment rolled. Each call returns the writes of one step; they are independent of
// each other. Guarantees: at most one publish pod; a release that went live is in status before its pod is deleted; a
// failure leaves the live release and the Deployment as they are; status.release.inputHash is empty from before a pod
// that did not succeed is deleted, or a claim is lost, until the next publish, so Ready never names a release on an old
// word.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "atelier/api/business_domain.h"
#include "atelier/api/data_domain.h"
#include "atelier/api/workspace.h"
#include "reconcile/airflow_env.h"
#include "reconcile/deployment_record.h"
#include "reconcile/event_note.h"
#include "reconcile/image_follow.h"
#include "reconcile/places.h"
#include "reconcile/pod_record.h"
#include "reconcile/refused_write.h"
#include "reconcile/watched_namespaces.h"

namespace atelier::reconcile {

struct WorkspaceRefusals {
  RefusedWrite pod;
  RefusedWrite deployment;
};

// Everything the decision reads. Pointers are borrowed for the call and null where there is no such object.
struct WorkspaceInput {
  const api::Workspace& workspace;
  const api::DataDomain* domain = nullptr;
  const api::BusinessDomain* tenant = nullptr;
  const PodRecord* publish_pod = nullptr;  // the one of the constant name
  std::string why_not_started = {};        // of that pod, where only Events say it
  const DeploymentRecord* deployment = nullptr;
  std::vector<std::shared_ptr<const PodRecord>> container_pods = {};  // that carry the Deployment's labels
  std::vector<PlaceSeeker> seekers = {};                              // of its places for runs
  const AirflowEnv* airflow = nullptr;  // of its domain, where the workspace gives anything to it
  WorkspaceRefusals refusals = {};
  FollowedImage followed = {};
  WatchedNamespaces watches = {};
  std::string stage_image;
  WallTime now;
};

struct WorkspaceDecision {
  api::WorkspaceStatus status;  // to be written when it differs from the present one
  std::optional<nlohmann::json> create_pod;
  std::optional<Uid> delete_pod;
  std::optional<nlohmann::json> apply_deployment;
  bool delete_deployment = false;
  std::vector<Note> notes;
  std::optional<WallTime> wake_at;
};

WorkspaceDecision decide(const WorkspaceInput& input);

}  // namespace atelier::reconcile
