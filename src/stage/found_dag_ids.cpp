#include "stage/found_dag_ids.h"

#include <cerrno>

#include "stage/dag_id_list.h"

namespace atelier::stage {

Result<std::optional<DagIds>> FoundDagIds::of(const std::string& release) const {
  const std::string path = workspace_ + "/" + release;
  auto text = storage_.found_dag_ids.read_file(path, kMaxDagIdListBytes);
  if (!text && text.error().code == ENOENT) return std::optional<DagIds>();
  if (!text) return Storage::failure(text.error(), "read", storage_.found_dag_ids.path_of(path));
  auto ids = parse_dag_ids(*text);
  if (!ids) {
    return Failure{Reason::storage_failed, "the list " + storage_.found_dag_ids.path_of(path) +
                                               " of the dag_ids that Airflow found in a release is damaged. Remove "
                                               "that file to go by what the release's own files say."};
  }
  return ids;
}

Result<void> FoundDagIds::note(const std::string& release, const DagIds& ids) const {
  auto folder = storage_.found_dag_ids.make_folder(workspace_);
  if (!folder) return Storage::folder_failure(folder.error(), storage_.found_dag_ids, workspace_);
  if (auto synced = storage_.found_dag_ids.sync(); !synced) {
    return Storage::failure(synced.error(), "write", storage_.found_dag_ids.path());
  }
  return storage_.replace_file(workspace_, *folder, release, render(ids));
}

Result<void> FoundDagIds::forget(const std::string& release) const {
  auto folder = storage_.found_dag_ids.folder(workspace_);
  if (!folder && folder.error().code == ENOENT) return {};
  if (!folder) return Storage::folder_failure(folder.error(), storage_.found_dag_ids, workspace_);
  auto done = folder->remove_file(release);
  if (!done && done.error().code == ENOENT) return {};
  if (done) done = folder->sync();
  if (!done) return Storage::failure(done.error(), "remove", folder->path_of(release));
  return {};
}

Result<void> FoundDagIds::forget_pruned(const Folder& releases) const {
  auto folder = storage_.found_dag_ids.folder(workspace_);
  if (!folder && folder.error().code == ENOENT) return {};
  if (!folder) return Storage::folder_failure(folder.error(), storage_.found_dag_ids, workspace_);
  auto names = folder->names();
  if (!names) return Storage::failure(names.error(), "list", folder->path());
  for (const std::string& name : *names) {
    auto release = releases.status(name);
    if (release || release.error().code != ENOENT) continue;
    if (auto done = forget(name); !done) return done;
  }
  return {};
}

}  // namespace atelier::stage
