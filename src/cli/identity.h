// Who the caller is to the cluster.
#pragma once

#include "cli/session.h"

namespace atelier::cli {

// As kubectl auth whoami says it: what spec.user of an Approval and spec.author of a run have to be.
Result<std::string> own_user_name(Session& session);

}  // namespace atelier::cli
