#include "api/approval_table.h"
#include "api/codec_body.h"

namespace atelier::api {

ATELIER_CODEC(Approval);
ATELIER_CODEC(ApprovalSpec);

}  // namespace atelier::api
