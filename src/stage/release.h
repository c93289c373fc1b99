// One release on the storage: the files of a manifest in a folder that nobody changes once it has its name.
#pragma once

#include <string>

#include "stage/manifest.h"
#include "stage/storage.h"

namespace atelier::stage {

enum class Settle { no, yes };  // whether to force every file and folder to the disk

// Fails unless the folder holds exactly the files of the manifest with their content, no links, no second names.
// Permissions that would keep a reader out are mended in passing where the storage allows it.
Result<void> verify_release(const Folder& release, const Manifest& manifest, Settle settle);

// StagingChanged: `what` is not as the check saw it.
Failure staging_changed(const std::string& what);

// What finds or makes the release of a manifest among those of a workspace. Borrows everything.
class ReleaseShelf {
 public:
  ReleaseShelf(const Storage& storage, const Folder& releases, std::string workspace)
      : storage_(storage), releases_(releases), workspace_(std::move(workspace)) {}

  // Returns the name of a verified release: one that is there, else a copy of `tree` called `<id>`, or `<id>.<n>` where
  // the live release `<id>` is damaged, since a live tree is never changed. `live` may be empty. StagingChanged if the
  // tree is not the manifest's. On failure nothing but a leftover in `tmp` remains.
  Result<std::string> provide(const std::string& tree, const Manifest& manifest, const std::string& live);

 private:
  bool sound(const std::string& name, const Manifest& manifest) const;
  Result<void> fill(const Folder& copy, const std::string& tree, const Manifest& manifest) const;
  Result<std::string> place(const std::string& copy, const std::string& id, const std::string& live) const;

  const Storage& storage_;
  const Folder& releases_;
  std::string workspace_;
};

}  // namespace atelier::stage
