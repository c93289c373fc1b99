// What goes wrong while reading a team's files, told to the team.
#pragma once

#include <string>

#include "stage/folder.h"
#include "stage/outcome.h"

namespace atelier::stage {

std::string running_as();  // "1000:1000", the effective ids

// EACCES and EPERM are DagsNotReadable, a missing path is DagsFolderMissing, the rest StorageFailed.
Failure source_failure(Errno error, const std::string& path);

}  // namespace atelier::stage
