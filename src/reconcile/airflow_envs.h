// The merged variables of DataDomains, kept while nothing they are made of has changed: each Workspace that gives some
// asks for all of them.
#pragma once

#include <map>
#include <memory>
#include <tuple>
#include <vector>

#include "reconcile/airflow_env.h"
#include "reconcile/world.h"

namespace atelier::reconcile {

// By what the caches hold.
AirflowEnv airflow_env_of(const World& world, const api::DataDomain& domain, const api::BusinessDomain* tenant);

class AirflowEnvs {
 public:
  // Good until the next call.
  const AirflowEnv& of(const World& world, const std::shared_ptr<const api::DataDomain>& domain,
                       const std::shared_ptr<const api::BusinessDomain>& tenant);
  void forget(const ObjectKey& domain) { made_.erase(domain); }

 private:
  struct Sources {
    std::shared_ptr<const api::DataDomain> domain;
    std::shared_ptr<const api::BusinessDomain> tenant;
    // Of the workspaces: a spec changes with its generation.
    std::vector<std::tuple<Uid, std::int64_t, bool>> specs;

    bool operator==(const Sources&) const = default;
  };
  struct Made {
    Sources from;
    AirflowEnv env;
  };

  std::map<ObjectKey, Made> made_;
};

}  // namespace atelier::reconcile
