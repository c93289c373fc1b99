#include "reconcile/airflow_look.h"

#include "atelier/kube/request.h"
#include "reconcile/airflow_envs.h"
#include "render/airflow_env.h"

namespace atelier::reconcile {
namespace {

using nlohmann::json;

std::string read_id(const std::string& what) { return "look at " + what; }
std::string write_id(const std::string& what) { return "write " + what; }
std::string map_named(const std::string& name) { return "ConfigMap " + name; }

// Null: there is no answer.
template <class Record, class Read>
void see(Sight<Record>& sight, const Result<json>* answer, Read record) {
  using State = typename Sight<Record>::State;
  if (answer == nullptr) return;
  if (*answer) {
    sight = {State::there, record(answer->value()), {}};
  } else if (answer->error().code == Errc::not_found) {
    sight = {State::absent, {}, {}};
  } else if (answer->error().code == Errc::forbidden) {
    sight = {State::refused, {}, answer->error().message};
  } else {
    sight = {};
  }
}

// A write's answer is the object; one that is refused changes nothing, after any other it is read again. An object that
// does not show what was written is as good as a refusal: something in the cluster does not have it so.
template <class Record, class Read, class Shows>
void see_written(Sight<Record>& sight, RefusedWrite& refusal, const Result<json>* answer, WallTime now, Read record,
                 Shows shows) {
  if (answer != nullptr && *answer && !shows(record(answer->value()))) {
    refusal.take_back(now);
  } else {
    refusal.learn(answer, now);
  }
  if (answer == nullptr || is_refusal(*answer)) return;
  sight = {};
  if (*answer) see(sight, answer, record);
}

}  // namespace

void AirflowLook::learn(Memory& memory, const kube::Feedback& feedback, const api::DataDomain& domain, WallTime now) {
  const std::string config_map = render::airflow_env_name(domain.metadata.name);
  const std::string map = map_named(config_map);
  see(memory.map, feedback.find(read_id(map)), env_map_record);
  see_written(memory.map, memory.map_refusal, feedback.find(write_id(map)), now, env_map_record,
              [&](const EnvMapRecord& shown) { return holds_content(shown.content, memory.asked_map); });
  const auto record = [&](const json& workload) {
    WorkloadRecord seen = workload_record(workload, config_map);
    seen.dags = dag_mounts(workload, domain.spec);
    return seen;
  };
  for (auto& [name, one] : memory.workloads) {
    see(one.seen, feedback.find(read_id(name)), record);
    see_written(one.seen, one.refusal, feedback.find(write_id(name)), now, record,
                [&](const WorkloadRecord& shown) { return shown.env_hash == one.refusal.content; });
  }
}

AirflowDecision AirflowLook::step(kube::Plan& plan, const api::DataDomain& domain, const api::BusinessDomain* tenant,
                                  const kube::Feedback& feedback, WallTime now, api::DataDomainStatus& status) {
  const ObjectKey key = domain.metadata.key();
  const AirflowEnv env = airflow_env_of(world_, domain, tenant);
  const std::string name = render::airflow_env_name(domain.metadata.name);

  Memory& memory = memory_[key];
  learn(memory, feedback, domain, now);
  memory.reads.learn(feedback);
  const bool is_new_look = feedback.results.empty();
  if (is_new_look) {
    memory.map = {};
    memory.reads = {};
  }
  std::map<std::string, AirflowWorkload> known;
  AirflowInput input{.domain = domain, .env = env, .now = now};
  if (domain.status.airflow && !domain.metadata.deleting()) {
    input.is_fresh = memory.reads.fresh(plan, resource_of<api::DataDomain>(), key, domain.metadata.resource_version);
  }
  for (AirflowWorkload one : workloads_of(domain.spec)) {
    if (const auto before = memory.workloads.find(one.to_string()); before != memory.workloads.end()) {
      one = before->second;
    }
    if (is_new_look) one.seen = {};
    known.emplace(one.to_string(), one);
    input.workloads.push_back(std::move(one));
  }
  memory.workloads = std::move(known);
  input.map = memory.map;
  input.map_refusal = memory.map_refusal;
  AirflowDecision decision = decide_airflow(input, status);

  const ObjectKey map_at{key.ns, name};
  const auto resource = [](const AirflowWorkload& one) {
    return one.stateful ? kube::kStatefulSets : kube::kDeployments;
  };
  // The caches hold none of these objects, so their plurals are no cache's either.
  const auto add = [&](const std::string& id, http::Request request, const ObjectKey& at) {
    plan.writes.push_back({id, std::move(request), "objects of Airflow", at});
  };
  if (decision.look && input.map.is(Sight<EnvMapRecord>::State::unknown)) {
    add(read_id(map_named(name)), kube::get(kube::kConfigMaps, map_at), map_at);
  }
  if (decision.create_map || decision.mend_map) {
    memory.map_refusal.asking(render::airflow_env_hash(env.variables));
    memory.asked_map = render::airflow_env(domain, env.variables);
    add(write_id(map_named(name)),
        decision.create_map ? kube::create(kube::kConfigMaps, key.ns, *decision.create_map)
                            : kube::merge_patch(kube::kConfigMaps, map_at, *decision.mend_map),
        map_at);
  }
  for (const AirflowWorkload& one : input.workloads) {
    if (!decision.look || !one.seen.is(Sight<WorkloadRecord>::State::unknown)) continue;
    const ObjectKey at{key.ns, one.name};
    add(read_id(one.to_string()), kube::get(resource(one), at), at);
  }
  for (const WorkloadRestart& restart : decision.restarts) {
    const AirflowWorkload& one = input.workloads[restart.workload];
    const ObjectKey at{key.ns, one.name};
    memory.workloads[one.to_string()].refusal.asking(render::airflow_env_hash(env.variables));
    add(write_id(one.to_string()), kube::merge_patch(resource(one), at, restart.patch), at);
  }
  return decision;
}

}  // namespace atelier::reconcile
