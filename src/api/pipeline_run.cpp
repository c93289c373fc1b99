#include "api/codec_body.h"
#include "api/run_table.h"

namespace atelier::api {

ATELIER_CODEC(PipelineRun);
ATELIER_CODEC(PipelineRunSpec);
ATELIER_CODEC(PipelineRunStatus);
ATELIER_CODEC(RunPlan);

}  // namespace atelier::api
