// `dags/<workspace>`: what Airflow reads, and how it changes from one release to the next.
#pragma once

#include <string>

#include "stage/storage.h"

namespace atelier::stage {

struct Live {
  enum class Kind { absent, release, folder };  // folder: from before Atelier, not managed

  Kind kind = Kind::absent;
  std::string release{};  // its name in `releases/<workspace>`, if that is what is live
};

// PathOccupied if a file is there, or a link that Atelier did not make.
Result<Live> read_live(const Storage& storage, const std::string& workspace);

// Makes this release live in one rename, on disk on return. A plain folder is kept as `adopted-<time>` among the
// `releases` of the workspace, which are given open; it changes place with the link in one step, so no crash can lose
// it. Where the storage cannot exchange names (NFS), the folder leaves first: for a moment there is nothing, and a
// crash then leaves nothing until the next publish.
// The release that was live gets `now` (seconds since the epoch) as its modification time: that is when it was last
// needed, which pruning goes by.
Result<void> switch_live(const Storage& storage, const Folder& releases, const std::string& workspace, const Live& from,
                         const std::string& release, long long now);

}  // namespace atelier::stage
