#include "reconcile/grants.h"

#include <algorithm>

#include "render/pod_fields.h"

namespace atelier::reconcile {
namespace {

// The spec of a tenant that admits the workspace; a team could refer to a richer one.
const api::BusinessDomainSpec* granting(const api::Workspace& workspace, const api::DataDomain* domain,
                                        const api::BusinessDomain* tenant) {
  return admit(workspace, domain, tenant) ? nullptr : &tenant->spec;
}

constexpr std::int64_t kLeast = 1024 * 1024;  // no container starts with less memory

bool grants(const api::TaintGrant& grant, const api::Toleration& toleration) {
  return grant.key == toleration.key &&
         (grant.value.empty() || (!toleration.any_value() && grant.value == toleration.value)) &&
         (grant.effect.empty() || grant.effect == toleration.effect);
}

std::string words(const api::Toleration& toleration) {
  std::string text = toleration.key;
  if (!toleration.any_value()) text += "=" + toleration.value;
  return text + (toleration.effect.empty() ? "" : ":" + toleration.effect);
}

class GrantCheck {
 public:
  GrantCheck(const api::Workspace& workspace, const api::DataDomain* domain, const api::BusinessDomain* tenant)
      : workspace_(workspace),
        tenant_(tenant),
        granted_(granting(workspace, domain, tenant)),
        resources_(resources_of(workspace, domain, tenant)) {}

  std::optional<Refusal> check(const api::Task& task, const std::string& path) const {
    if (auto refusal = priority(task, path)) return refusal;
    if (auto refusal = tolerations(task, path)) return refusal;
    return memory(task, path);
  }

 private:
  std::optional<Refusal> priority(const api::Task& task, const std::string& path) const {
    const std::string& wanted = task.priority_class_name;
    if (wanted.empty()) return std::nullopt;
    if (granted_ != nullptr) {
      const auto& allowed = granted_->allowed_priority_classes;
      if (std::find(allowed.begin(), allowed.end(), wanted) != allowed.end()) return std::nullopt;
    }
    return not_granted(path + ".priorityClassName: ", "the priority class \"" + wanted + "\"",
                       "spec.allowedPriorityClasses");
  }

  std::optional<Refusal> tolerations(const api::Task& task, const std::string& path) const {
    for (std::size_t i = 0; i < task.tolerations.size(); ++i) {
      const api::Toleration& wanted = task.tolerations[i];
      const auto fits = [&wanted](const api::TaintGrant& grant) { return grants(grant, wanted); };
      if (granted_ != nullptr &&
          std::any_of(granted_->allowed_tolerations.begin(), granted_->allowed_tolerations.end(), fits)) {
        continue;
      }
      return not_granted(path + ".tolerations[" + std::to_string(i) + "]: ", "the toleration \"" + words(wanted) + "\"",
                         "spec.allowedTolerations");
    }
    return std::nullopt;
  }

  Refusal not_granted(const std::string& path, const std::string& what, const std::string& grant) const {
    if (granted_ == nullptr) {
      return {"NotGranted", path + what + " needs a grant, and no BusinessDomain admits Workspace \"" +
                                workspace_.metadata.name + "\"; see its own condition"};
    }
    if (is_stand_in(*tenant_)) {
      return {"NotGranted", path + what +
                                " needs the grant of a BusinessDomain, and this operator watches chosen namespaces "
                                "only, where it sees none; do without"};
    }
    return {"NotGranted", path + "BusinessDomain \"" + tenant_->metadata.name + "\" does not grant " + what +
                              "; its admin can add it to " + grant};
  }

  std::optional<Refusal> memory(const api::Task& task, const std::string& path) const {
    if (!resources_) return std::nullopt;  // beyond_profile() says so
    const std::int64_t left = render::memory_left(task, resources_->memory_mb);
    const auto& [requests, limits] = task.resources;
    const std::string most = "the " + std::to_string(resources_->memory_mb) + "Mi that Workspace \"" +
                             workspace_.metadata.name + "\" gives to the pod of a task";
    const std::string remedy = "; ask for less, or raise spec.resources of the Workspace";
    const std::string results = std::to_string(render::kResultsMebi) + "Mi for largeResults";
    if (left < kLeast && !task.sidecars.empty()) {
      const std::string also = task.large_results ? ", with " + results + "," : "";
      return Refusal{"MemoryExceeded", path + ".sidecars: take" + also + " all of " + most +
                                           " and leave nothing to the task itself" + remedy};
    }
    if (left < kLeast && task.large_results) {
      return Refusal{"MemoryExceeded", path + ".largeResults: takes " + std::to_string(render::kResultsMebi) +
                                           "Mi of " + most +
                                           " and leaves nothing to the task itself; remove it, or raise spec.resources "
                                           "of the Workspace"};
    }
    const auto& wanted = limits.memory ? limits.memory : requests.memory;
    if (!wanted || wanted->whole <= left) return std::nullopt;
    std::string besides = task.sidecars.empty() ? "" : ", sidecars included";
    if (task.large_results) besides += ", " + results + " included";
    return Refusal{"MemoryExceeded", path + ".resources." + (limits.memory ? "limits" : "requests") + ".memory: " +
                                         format_quantity(*wanted) + " exceeds " + most + besides + remedy};
  }

  const api::Workspace& workspace_;
  const api::BusinessDomain* tenant_;
  const api::BusinessDomainSpec* granted_;
  std::optional<render::EffectiveResources> resources_;
};

}  // namespace

std::optional<render::EffectiveResources> resources_of(const api::Workspace& workspace, const api::DataDomain* domain,
                                                       const api::BusinessDomain* tenant) {
  auto found = render::effective_resources(workspace.spec.resources, granting(workspace, domain, tenant));
  auto* const resources = std::get_if<render::EffectiveResources>(&found);
  return resources == nullptr ? std::nullopt : std::optional{std::move(*resources)};
}

std::optional<Refusal> beyond_profile(const api::Workspace& workspace, const api::DataDomain* domain,
                                      const api::BusinessDomain* tenant) {
  const auto found = render::effective_resources(workspace.spec.resources, granting(workspace, domain, tenant));
  const auto* const refusal = std::get_if<render::ProfileRefusal>(&found);
  return refusal == nullptr ? std::nullopt : std::optional{Refusal{refusal->reason, refusal->message}};
}

std::optional<Refusal> beyond_grants(const api::PipelineSpec& spec, const api::Workspace& workspace,
                                     const api::DataDomain* domain, const api::BusinessDomain* tenant) {
  const GrantCheck grants{workspace, domain, tenant};
  const auto check = [&grants](const std::vector<api::Task>& tasks, const std::string& path) {
    std::optional<Refusal> refusal;
    for (std::size_t i = 0; i < tasks.size() && !refusal; ++i) {
      refusal = grants.check(tasks[i], path + "[" + std::to_string(i) + "]");
    }
    return refusal;
  };
  auto refusal = check(spec.tasks, "spec.tasks");
  return refusal ? refusal : check(spec.finally, "spec.finally");
}

}  // namespace atelier::reconcile
