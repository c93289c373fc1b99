// An Airflow for tests of the decisions about its environment.
#pragma once

#include <gtest/gtest.h>

#include "reconcile/airflow_policy.h"
#include "render/labels.h"
#include "unit/reconcile/run_world.h"

namespace atelier::reconcile::testing {

// A DataDomain with one variable, in a cluster that does what it is told.
struct Airflow {
  using json = nlohmann::json;
  using MapSight = Sight<EnvMapRecord>;
  using WorkloadSight = Sight<WorkloadRecord>;

  Airflow() {
    domain.metadata.name = "dd01";
    domain.metadata.ns = "bd01";
    domain.metadata.uid = Uid{"dd-uid"};
    domain.metadata.generation = 4;
    env.variables = {{"A", "x"}};
    env.workspaces = 1;
    env.taken[Uid{"ws-uid"}] = {};
    ready(meta::ConditionStatus::true_);
  }

  void ready(meta::ConditionStatus is) {
    meta::Condition made;
    made.type = "Ready";
    made.status = is;
    meta::set_condition(domain.status.conditions, made, now);
  }

  AirflowDecision decide() {
    AirflowInput input{.domain = domain, .is_fresh = is_fresh, .env = env, .now = now};
    input.map = map;
    input.map_refusal = map_refusal;
    input.workloads = workloads_of(domain.spec);
    for (std::size_t i = 0; i < input.workloads.size(); ++i) {
      if (i < workloads.size()) input.workloads[i].seen = workloads[i];
      if (i < refusals.size()) input.workloads[i].refusal = refusals[i];
    }
    status = domain.status;
    return decide_airflow(input, status);
  }

  // Step by step until nothing is to be written.
  void settle() {
    for (int i = 0; i < 10; ++i) {
      if (step()) return;
    }
    ADD_FAILURE() << "it never comes to rest";
  }

  // Whether it is at rest.
  bool step() {
    const bool had_looked = !map.is(MapSight::State::unknown);
    AirflowDecision decision = decide();
    const bool at_rest =
        domain.status == status && !decision.create_map && !decision.mend_map && decision.restarts.empty();
    domain.status = status;
    if (decision.create_map) {
      object = *decision.create_map;
      object["metadata"]["uid"] = "map-uid";
      object["metadata"]["resourceVersion"] = "1";
    }
    if (decision.mend_map) object.merge_patch(*decision.mend_map);
    for (const auto& restart : decision.restarts) {
      workloads[restart.workload].record.env_hash =
          restart.patch["spec"]["template"]["metadata"]["annotations"][render::kAirflowEnvHash];
      workloads[restart.workload].record.rolled_out = false;
      ++rollouts;
    }
    if (decision.look) map = object.is_null() ? MapSight{MapSight::State::absent, {}, {}} : seen();
    return at_rest && (had_looked || !decision.look);
  }

  MapSight seen() const { return {MapSight::State::there, env_map_record(object), {}}; }

  void names(std::vector<std::string> deployments, WorkloadRecord record) {
    domain.spec.airflow.emplace().restart.deployments = std::move(deployments);
    workloads.assign(domain.spec.airflow->restart.deployments.size(), {WorkloadSight::State::there, record, {}});
  }

  std::string said(const char* type = "AirflowEnv") const {
    const meta::Condition* found = meta::find_condition(status.conditions, type);
    return found == nullptr ? "" : std::string(meta::to_string(found->status)) + " " + found->reason;
  }
  std::string message(const char* type = "AirflowEnv") const {
    return meta::find_condition(status.conditions, type)->message;
  }

  api::DataDomain domain;
  api::DataDomainStatus status;
  AirflowEnv env;
  json object;
  MapSight map;
  RefusedWrite map_refusal;
  std::vector<WorkloadSight> workloads;
  std::vector<RefusedWrite> refusals;
  int rollouts = 0;
  bool is_fresh = true;
  WallTime now = second(100);
};

}  // namespace atelier::reconcile::testing
