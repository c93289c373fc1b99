// `dags/<workspace>`: what Airflow reads, and how it changes from one release to the next.
#pragma once

#include <string>

#include "stage/manifest.h"
#include "stage/storage.h"

namespace atelier::stage {

struct Live {
  enum class Kind { absent, release, copy, folder };  // folder: from before Atelier, not managed

  Kind kind = Kind::absent;
  std::string release{};  // its name in `releases/<workspace>`; empty for a copy that was not finished
};

// PathOccupied if a file is there, or a link that Atelier did not make.
Result<Live> read_live(const Storage& storage, const std::string& workspace);

// A release among those of a workspace, which are given open.
struct Candidate {
  const Folder& releases;
  std::string name;
  const Manifest& manifest;
};

enum class Switched { at_once, file_by_file };

// Makes this release live in one rename, on disk on return. A plain folder is kept as `adopted-<time>` among the
// releases; it changes place with the link in one step, so no crash can lose it. Where the storage cannot exchange
// names (NFS), the folder leaves first: for a moment there is nothing, and a crash then leaves nothing until the next
// publish. Where it knows no symbolic links (SMB, exFAT), the files are copied: see copy_live.
// The release that was live gets `now` (seconds since the epoch) as its modification time: that is when it was last
// needed, which pruning goes by.
Result<Switched> switch_live(const Storage& storage, const std::string& workspace, const Live& from,
                             const Candidate& to, long long now);

// `adopted-<time>`, or with `.<n>` where that is taken.
std::string adopted_name(const Folder& releases, long long now);

}  // namespace atelier::stage
