// The variables that the workspaces of a DataDomain give to its Airflow, merged: pure.
//
// Guarantees: the same for all who ask with the same statuses; of two values of one name that of the older claim
// counts; a workspace that is not admitted, or is being deleted, has none; what a workspace costs is bounded.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "atelier/api/business_domain.h"
#include "atelier/api/data_domain.h"
#include "atelier/api/workspace.h"

namespace atelier::reconcile {

struct AirflowEnv {
  static constexpr std::size_t kMostBytes = 256 * 1024;  // of names and values; Linux gives a program at most 2 MiB

  static constexpr std::size_t kMostOfNamespace = kMostBytes / 4;

  // Variables that are not among them; the first stands for all.
  struct LeftOut {
    std::size_t count = 0;
    std::string name;
    ObjectKey workspace;
    ObjectKey holder;  // of the name, in a clash

    void add(const std::string& of_name, const ObjectKey& of_workspace, const ObjectKey& held_by);
  };
  struct Losses {
    LeftOut refused;  // names
    LeftOut no_room;
    LeftOut clashes;
  };

  std::map<std::string, std::string> variables;
  std::int64_t workspaces = 0;  // that have any of them
  Losses losses;                // of all workspaces
  std::map<Uid, Losses> taken;  // the workspaces that were asked
};

bool is_ready(const api::DataDomain& domain);

// Workspaces without a claim in status are passed over. `tenant` is null when there is none.
AirflowEnv merge_airflow_env(const api::DataDomain& domain, const api::BusinessDomain* tenant,
                             const std::vector<const api::Workspace*>& workspaces);

}  // namespace atelier::reconcile
