#include "reconcile/airflow_env.h"

#include "atelier/api/airflow_names.h"
#include "reconcile/admission.h"
#include "render/variables.h"

namespace atelier::reconcile {
namespace {

class Merge {
 public:
  explicit Merge(const api::DataDomain& domain) : domain_(domain) {}

  void take(const api::Workspace& workspace) {
    const ObjectKey key = workspace.metadata.key();
    const render::Variables known{domain_.spec.key, workspace.metadata.name, workspace.metadata.ns};
    std::size_t of_workspace = 0;
    bool any = false;
    for (const api::AirflowVariable& one : workspace.spec.airflow.extra_env) {
      if (!api::why_not_for_airflow(one.name).empty() || !api::is_airflow_value(one.value)) continue;
      const std::string value = render::expand(one.value, known);
      const std::size_t bytes = one.name.size() + value.size();
      const auto held = holders_.find(one.name);
      if (held != holders_.end() && out_.variables[one.name] != value) {
        out_.clashes.push_back({one.name, held->second, key});
      } else if (held != holders_.end()) {
        any = true;
      } else if (of_workspace + bytes > api::WorkspaceAirflow::kMostBytes || bytes_ + bytes > AirflowEnv::kMostBytes) {
        out_.no_room.push_back({one.name, key});
      } else {
        of_workspace += bytes;
        bytes_ += bytes;
        out_.variables[one.name] = value;
        holders_[one.name] = key;
        any = true;
      }
    }
    if (any) ++out_.workspaces;
  }

  AirflowEnv result() { return std::move(out_); }

 private:
  const api::DataDomain& domain_;
  std::map<std::string, ObjectKey> holders_;
  std::size_t bytes_ = 0;
  AirflowEnv out_;
};

bool is_ready(const api::DataDomain& domain) {
  const meta::Condition* ready = meta::find_condition(domain.status.conditions, "Ready");
  return ready != nullptr && ready->status == meta::ConditionStatus::true_;
}

}  // namespace

AirflowEnv merge_airflow_env(const api::DataDomain& domain, const api::BusinessDomain* tenant,
                             const std::vector<const api::Workspace*>& workspaces) {
  Merge merge(domain);
  if (!is_ready(domain)) return merge.result();
  std::map<Uid, const api::Workspace*> by_uid;
  for (const api::Workspace* one : workspaces) by_uid[one->metadata.uid] = one;
  for (const api::StorageClaim& claim : domain.status.claims) {
    const auto found = by_uid.find(claim.uid);
    if (found == by_uid.end() || claim.sweeping) continue;
    const api::Workspace& workspace = *found->second;
    if (!workspace.metadata.deleting() && !admit(workspace, &domain, tenant)) merge.take(workspace);
    by_uid.erase(found);
  }
  return merge.result();
}

}  // namespace atelier::reconcile
