// Deleting beneath a folder: follows no link, crosses no device.
#pragma once

#include <string>

#include "stage/folder.h"
#include "stage/outcome.h"

namespace atelier::stage {

// Removes `name`, a file, link or whole tree, from `parent`; that it is not there is fine. A failure leaves the rest of
// the tree in place. REQUIRES: `parent` does not cross devices.
Result<void> remove_tree(const Folder& parent, const std::string& name);

}  // namespace atelier::stage
