// The forms of input, a file each. Each reads all of its document, reports what changes and what is wrong, and gives
// the workspace as far as it could be read.
#pragma once

#include "convert/input.h"

namespace atelier::convert {

// HelloDATA: initContainers, containers and the environment of Airflow.
api::Workspace read_deployment_needs(Input& input, const Options& options);

// Ratatouille: isolation, resources, layers, data products.
api::Workspace read_ratatouille(Input& input, const Options& options);

}  // namespace atelier::convert
