// A DataDomain's folder on its volume, with the layout Atelier keeps there:
//
//   .airflowignore                         has the line `.atelier`
//   .atelier/claims/<workspace>            who holds the name
//   .atelier/sequences/<workspace>         the newest publish begun
//   .atelier/releases/<workspace>/<id>     immutable content, also <id>.<n> and adopted-<time>
//   .atelier/copies/<workspace>            which release dags/<workspace> is a copy of, where links are unknown
//   .atelier/dag-ids/<SHA-256>             which workspace has the dag_id of this hash
//   .atelier/held-dag-ids/<workspace>      the dag_ids it has, or is about to claim
//   .atelier/found-dag-ids/<workspace>/<id>  the dag_ids that Airflow found in the release, where it was asked
//   .atelier/tmp/<workspace>.<what>.<hex>  leftovers of whoever was interrupted
//   dags/<workspace>                       a link to ../.atelier/releases/<workspace>/<id>, or a copy of it
#pragma once

#include <string>
#include <string_view>

#include "stage/folder.h"
#include "stage/outcome.h"

namespace atelier::stage {

// Holds the folders open. Nothing is resolved by a path from outside afterwards, so that what someone plants on the
// volume meanwhile cannot lead anywhere else.
struct Storage {
  // Creates what is missing of the layout, and fails early where it cannot be written.
  static Result<Storage> open(const std::string& path, Gate gate = nullptr);
  // The same without creating anything: for the sweep. Nothing, if Atelier never wrote here.
  static Result<std::optional<Storage>> open_existing(const std::string& path, Gate gate = nullptr);

  // EACCES, EPERM and EROFS become StorageNotWritable, ENOSPC and EDQUOT StorageFull, others StorageFailed.
  // `action` completes the sentence "cannot …"; the owner is looked up on `path` or its nearest existing parent.
  static Failure failure(Errno error, std::string_view action, const std::string& path);
  // PathOccupied if a link or a file stands where a folder is needed, else as above.
  static Failure folder_failure(Errno error, const Folder& parent, const std::string& name);

  Result<Folder> releases_of(const std::string& workspace) const;  // created if missing

  // A name in `tmp` that nobody else uses. A DNS label has no dot, so prefixes never mix up two workspaces.
  static std::string temporary(const std::string& workspace, std::string_view what);
  // Removes the workspace's leftovers, as many as it can; returns the first failure. REQUIRES: its claim is held.
  Result<void> clear_leftovers(const std::string& workspace) const;

  // Replaces `folder/name` by a file with these bytes, all or nothing, on disk on return.
  Result<void> replace_file(const std::string& workspace, const Folder& folder, const std::string& name,
                            std::string_view bytes, mode_t mode = 0644) const;

  Folder root;
  Folder claims;
  Folder sequences;
  Folder releases;
  Folder copies;
  Folder dag_ids;
  Folder held_dag_ids;
  Folder found_dag_ids;
  Folder tmp;
  Folder dags;
};

// Lower-case letters, digits and inner dashes, at most 63: safe as a file name, and free of dots.
bool is_dns_label(std::string_view text);

}  // namespace atelier::stage
