#include "reconcile/airflow_envs.h"

namespace atelier::reconcile {

AirflowEnv airflow_env_of(const World& world, const api::DataDomain& domain, const api::BusinessDomain* tenant) {
  const auto givers = world.workspaces.objects_of(kByAirflow, domain.metadata.key().to_string());
  std::vector<const api::Workspace*> workspaces;
  workspaces.reserve(givers.size());
  for (const auto& one : givers) workspaces.push_back(one.get());
  return merge_airflow_env(domain, tenant, workspaces);
}

const AirflowEnv& AirflowEnvs::of(const World& world, const std::shared_ptr<const api::DataDomain>& domain,
                                  const std::shared_ptr<const api::BusinessDomain>& tenant) {
  const ObjectKey key = domain->metadata.key();
  Sources from{domain, tenant, {}};
  for (const auto& one : world.workspaces.objects_of(kByAirflow, key.to_string())) {
    from.specs.emplace_back(one->metadata.uid, one->metadata.generation, one->metadata.deleting());
  }
  Made& made = made_[key];
  if (made.from != from) {
    made.env = airflow_env_of(world, *domain, tenant.get());
    made.from = std::move(from);
  }
  return made.env;
}

}  // namespace atelier::reconcile
