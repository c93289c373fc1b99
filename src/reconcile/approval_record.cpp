#include "reconcile/approval_record.h"

#include "atelier/api/codec.h"

namespace atelier::reconcile {

Result<std::shared_ptr<const ApprovalRecord>> decode_approval(std::string_view document) {
  ATELIER_TRY(api::Approval approval, api::parse_text<api::Approval>(document));
  ApprovalRecord out;
  out.withdrawn = approval.metadata.deleting();
  out.given.name = std::move(approval.metadata.name);
  out.given.created = approval.metadata.creation_timestamp.value_or(WallTime{});  // older than every policy
  out.given.spec = std::move(approval.spec);
  return std::make_shared<const ApprovalRecord>(std::move(out));
}

}  // namespace atelier::reconcile
