// Files that only one of many processes can have made, on any storage.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "stage/storage.h"

namespace atelier::stage {

struct FilePlace {
  const Folder& folder;
  const std::string& name;
};

// Whole or not at all; false if the name is there already. Not on disk before the folder is synced.
Sys<bool> create_exclusively(const Storage& storage, const FilePlace& place, const std::string& workspace,
                             std::string_view bytes, std::chrono::milliseconds patience);

// True once locked, or where the storage knows no locks; false if someone else held it all the time.
bool lock(const Descriptor& file, std::chrono::milliseconds patience);

}  // namespace atelier::stage
