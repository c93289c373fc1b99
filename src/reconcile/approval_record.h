// An Approval as the operator keeps it.
#pragma once

#include <memory>
#include <string_view>

#include "atelier/base/result.h"
#include "atelier/engine/approval.h"

namespace atelier::reconcile {

struct ApprovalRecord {
  engine::GivenApproval given;
  bool withdrawn = false;  // it is being deleted
};

// Error: invalid, when it is not an Approval.
Result<std::shared_ptr<const ApprovalRecord>> decode_approval(std::string_view document);

}  // namespace atelier::reconcile
