// `dags/<workspace>` on storage without symbolic links: a folder that is made the same as the release, file by file.
#pragma once

#include <optional>
#include <string>

#include "stage/live.h"

namespace atelier::stage {

// Every file is at every moment the whole old or the whole new one, but a reader may see some of each, and a crash
// leaves it so until the next publish. New files come before former ones go. A plain folder from before Atelier is
// first moved to the releases as `adopted-<time>`. On disk on return.
Result<void> copy_live(const Storage& storage, const std::string& workspace, const Live& from, const Candidate& to,
                       long long now);

// The release that the folder was last made a copy of: empty if that was not finished, nothing if the folder is none
// of ours.
Result<std::optional<std::string>> copied_release(const Storage& storage, const std::string& workspace);

Result<void> remove_copy(const Storage& storage, const std::string& workspace);
// When a link has taken the copy's place.
Result<void> forget_copy(const Storage& storage, const std::string& workspace);

}  // namespace atelier::stage
