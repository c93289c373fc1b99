// The folders of a copy, made as the files in them arrive.
#pragma once

#include <optional>
#include <string>

#include "stage/folder.h"

namespace atelier::stage {

// Borrows `root`, which must outlive it. Nothing is followed: an existing link in place of a folder is an error.
class Mirror {
 public:
  explicit Mirror(const Folder& root) : root_(root) {}

  // The folder at this relative path (empty: the root), created with its parents if missing; valid until the next call.
  Sys<const Folder*> at(const std::string& path);

 private:
  const Folder& root_;
  std::string path_;
  std::optional<Folder> folder_;
};

// "a/b" of "a/b/c", empty for a plain name; and "c" of it.
std::string parent_of(const std::string& path);
std::string name_in(const std::string& path);

}  // namespace atelier::stage
