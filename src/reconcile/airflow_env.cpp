#include "reconcile/airflow_env.h"

#include <algorithm>

#include "atelier/api/airflow_names.h"
#include "reconcile/admission.h"
#include "render/variables.h"

namespace atelier::reconcile {
namespace {

class Merge {
 public:
  explicit Merge(const api::DataDomain& domain) : domain_(domain) {}

  void take(const api::Workspace& workspace) {
    key_ = workspace.metadata.key();
    losses_ = &out_.taken[workspace.metadata.uid];
    std::size_t of_workspace = 0;
    bool any = false;
    for (const api::AirflowVariable& one : workspace.spec.airflow.extra_env) {
      if (is_refused(one)) {
        lose(&AirflowEnv::Losses::refused, one.name, {});
        continue;
      }
      const auto held = holders_.find(one.name);
      const bool is_full = held == holders_.end() && bytes_ + one.name.size() > AirflowEnv::kMostBytes;
      const std::string value = is_full ? "" : value_of(one, workspace);
      const std::size_t bytes = one.name.size() + value.size();
      if (held != holders_.end() && out_.variables[one.name] != value) {
        lose(&AirflowEnv::Losses::clashes, one.name, held->second);
      } else if (held != holders_.end()) {
        any = true;
      } else if (is_full || of_workspace + bytes > api::WorkspaceAirflow::kMostBytes ||
                 of_namespace_[key_.ns] + bytes > AirflowEnv::kMostOfNamespace ||
                 bytes_ + bytes > AirflowEnv::kMostBytes) {
        lose(&AirflowEnv::Losses::no_room, one.name, {});
      } else {
        of_workspace += bytes;
        of_namespace_[key_.ns] += bytes;
        bytes_ += bytes;
        out_.variables[one.name] = value;
        holders_[one.name] = key_;
        any = true;
      }
    }
    if (any) ++out_.workspaces;
  }

  AirflowEnv result() { return std::move(out_); }

 private:
  bool is_refused(const api::AirflowVariable& one) const {
    if (!api::why_not_for_airflow(one.name).empty() || !api::is_airflow_value(one.value)) return true;
    if (!domain_.spec.airflow || domain_.spec.airflow->allowed_prefixes.empty()) return false;
    const auto& allowed = domain_.spec.airflow->allowed_prefixes;
    return std::none_of(allowed.begin(), allowed.end(),
                        [&](const std::string& prefix) { return one.name.starts_with(prefix); });
  }

  std::string value_of(const api::AirflowVariable& one, const api::Workspace& workspace) const {
    return render::expand(one.value, {domain_.spec.key, workspace.metadata.name, workspace.metadata.ns});
  }

  void lose(AirflowEnv::LeftOut AirflowEnv::Losses::* kind, const std::string& name, const ObjectKey& holder) {
    (out_.losses.*kind).add(name, key_, holder);
    (losses_->*kind).add(name, key_, holder);
  }

  const api::DataDomain& domain_;
  ObjectKey key_;                         // of the workspace that is taken
  AirflowEnv::Losses* losses_ = nullptr;  // its own
  std::map<std::string, ObjectKey> holders_;
  std::map<std::string, std::size_t> of_namespace_;
  std::size_t bytes_ = 0;
  AirflowEnv out_;
};

}  // namespace

void AirflowEnv::LeftOut::add(const std::string& of_name, const ObjectKey& of_workspace, const ObjectKey& held_by) {
  if (++count > 1) return;
  name = of_name;
  workspace = of_workspace;
  holder = held_by;
}

bool is_ready(const api::DataDomain& domain) {
  const meta::Condition* ready = meta::find_condition(domain.status.conditions, "Ready");
  return ready != nullptr && ready->status == meta::ConditionStatus::true_;
}

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
