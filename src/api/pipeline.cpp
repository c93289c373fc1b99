#include "api/codec_body.h"
#include "api/pipeline_table.h"

namespace atelier::api {

ATELIER_CODEC(Pipeline);
ATELIER_CODEC(PipelineSpec);
ATELIER_CODEC(PipelineStatus);

}  // namespace atelier::api
