// The rules of a Pipeline's parameters.
#pragma once

#include "api/findings.h"
#include "atelier/api/pipeline.h"

namespace atelier::api {

void check_params(Findings& found, const std::vector<Param>& params, const std::string& path);

}  // namespace atelier::api
