#include "api/codec_body.h"
#include "api/domain_table.h"

namespace atelier::api {

ATELIER_CODEC(DataDomain);
ATELIER_CODEC(DataDomainSpec);
ATELIER_CODEC(DataDomainStatus);

}  // namespace atelier::api
