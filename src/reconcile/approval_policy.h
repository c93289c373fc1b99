// The two objects that make an Approval somebody's own word, as the operator keeps them, and whether they do.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "atelier/base/result.h"
#include "atelier/base/time.h"
#include "atelier/engine/approval.h"

namespace atelier::reconcile {

// Of both objects. deploy/base/rbac.yaml lets the operator see no others.
inline constexpr const char* kApprovalPolicy = "atelier-approvals";

// From the creation of a policy until every API server holds requests to it, and their clocks agree.
inline constexpr std::chrono::seconds kPolicySettles{30};

struct PolicyRecord {
  WallTime created{};
  std::string fault;  // what is wrong with it, as in `differs in spec.failurePolicy`; empty: nothing
};

// They never fail, since a cache keeps what it had of an object that cannot be read: that is a fault here.
Result<std::shared_ptr<const PolicyRecord>> decode_approval_policy(std::string_view document);
Result<std::shared_ptr<const PolicyRecord>> decode_approval_binding(std::string_view document);

// Null: it is not installed.
engine::ApprovalGuard approval_guard(const PolicyRecord* policy, const PolicyRecord* binding);
// Where the operator watches chosen namespaces only, and may see neither.
engine::ApprovalGuard unseen_approval_guard();
// While one of the two could not be listed yet.
engine::ApprovalGuard unknown_approval_guard();

}  // namespace atelier::reconcile
