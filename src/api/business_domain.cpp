#include "api/codec_body.h"
#include "api/domain_table.h"

namespace atelier::api {

ATELIER_CODEC(BusinessDomain);
ATELIER_CODEC(BusinessDomainSpec);
ATELIER_CODEC(BusinessDomainStatus);

}  // namespace atelier::api
