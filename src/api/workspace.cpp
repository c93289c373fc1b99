#include "api/codec_body.h"
#include "api/workspace_table.h"

namespace atelier::api {

ATELIER_CODEC(Workspace);
ATELIER_CODEC(WorkspaceSpec);
ATELIER_CODEC(WorkspaceStatus);

}  // namespace atelier::api
