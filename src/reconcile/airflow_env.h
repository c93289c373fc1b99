// The variables that the workspaces of a DataDomain give to its Airflow, merged: pure.
//
// Guarantees: the same for all who ask with the same statuses; of two values of one name that of the older claim
// counts; a workspace that is not admitted, or is being deleted, has none.
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

  struct Clash {
    std::string name;
    ObjectKey holder;
    ObjectKey workspace;  // whose value does not count
  };
  struct LeftOut {
    std::string name;
    ObjectKey workspace;
  };

  std::map<std::string, std::string> variables;
  std::int64_t workspaces = 0;  // that have any of them
  std::vector<Clash> clashes;
  std::vector<LeftOut> no_room;
};

// Names that are refused, and workspaces without a claim in status, are passed over. `tenant` is null when there is
// none.
AirflowEnv merge_airflow_env(const api::DataDomain& domain, const api::BusinessDomain* tenant,
                             const std::vector<const api::Workspace*>& workspaces);

}  // namespace atelier::reconcile
