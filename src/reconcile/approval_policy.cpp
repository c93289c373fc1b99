#include "reconcile/approval_policy.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "atelier/kube/oldest_version.h"
#include "reconcile/approval_policy_spec.h"

namespace atelier::reconcile {
namespace {

using nlohmann::json;

// The path of what differs first; empty: nothing does. What only one of them has differs, too: it may weaken the
// policy.
std::string difference(const json& wanted, const json& found, const std::string& path) {
  if (wanted == found) return "";
  if (wanted.is_object() && found.is_object()) {
    for (const auto& [name, value] : found.items()) {
      if (!wanted.contains(name)) return path + "." + name;
    }
    for (const auto& [name, value] : wanted.items()) {
      const std::string at = path + "." + name;
      if (!found.contains(name)) return at;
      if (std::string inner = difference(value, found[name], at); !inner.empty()) return inner;
    }
  }
  if (wanted.is_array() && found.is_array()) {
    for (std::size_t i = 0; i < std::min(wanted.size(), found.size()); ++i) {
      std::string inner = difference(wanted[i], found[i], path + "[" + std::to_string(i) + "]");
      if (!inner.empty()) return inner;
    }
  }
  return path;
}

PolicyRecord record(std::string_view document, const char* wanted) {
  try {
    const json object = json::parse(document, nullptr, false);  // its exception would quote the document
    const json& metadata = object.at("metadata");
    const auto created = parse_time(metadata.at("creationTimestamp").get<std::string>());
    if (!created) return {{}, "cannot be read: " + created.error().message};
    const std::string path = difference(json::parse(wanted), object.at("spec"), "spec");
    if (!path.empty()) return {created.value(), "is not the one of this operator: " + path + " differs"};
    // One that was changed and changed back may have let things pass, and nobody can say when.
    if (metadata.at("generation") != 1) return {created.value(), "was changed after it was made"};
    return {created.value(), ""};
  } catch (const json::exception& error) {
    return {{}, std::string("cannot be read: ") + error.what()};
  }
}

engine::ApprovalGuard absent(const std::string& kind, const std::string& fault) {
  return {engine::ApprovalGuard::State::absent,
          "the " + kind + " " + kApprovalPolicy + " " + fault +
              "; an administrator mends that with: kubectl replace --force -f deploy/base/approval-policy.yaml",
          {}};
}

}  // namespace

Result<std::shared_ptr<const PolicyRecord>> decode_approval_policy(std::string_view document) {
  return std::make_shared<const PolicyRecord>(record(document, kApprovalPolicySpec));
}

Result<std::shared_ptr<const PolicyRecord>> decode_approval_binding(std::string_view document) {
  return std::make_shared<const PolicyRecord>(record(document, kApprovalBindingSpec));
}

engine::ApprovalGuard approval_guard(const PolicyRecord* policy, const PolicyRecord* binding) {
  for (const auto& [part, kind] :
       {std::pair{policy, "ValidatingAdmissionPolicy"}, std::pair{binding, "ValidatingAdmissionPolicyBinding"}}) {
    if (part == nullptr) return absent(kind, "is not installed");
    if (!part->fault.empty()) return absent(kind, part->fault);
  }
  return {engine::ApprovalGuard::State::in_force, "", std::max(policy->created, binding->created) + kPolicySettles};
}

engine::ApprovalGuard unseen_approval_guard() {
  return {engine::ApprovalGuard::State::absent,
          "the operator watches chosen namespaces only and cannot see the admission policy " +
              std::string(kApprovalPolicy) + ", without which an Approval is nobody's own word",
          {}};
}

engine::ApprovalGuard unknown_approval_guard() {
  return {engine::ApprovalGuard::State::unknown,
          "the operator has not read the admission policy " + std::string(kApprovalPolicy) +
              " yet; if that stays, its log says why: it needs Kubernetes " + kube::oldest_version() +
              " and the role of deploy/base/rbac.yaml",
          {}};
}

}  // namespace atelier::reconcile
