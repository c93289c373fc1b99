#include "stage/publish.h"

#include <algorithm>

#include "stage/airflow_dags.h"
#include "stage/dag_id_claims.h"
#include "stage/ignore_file.h"
#include "stage/live.h"
#include "stage/manifest.h"
#include "stage/mirror.h"
#include "stage/release.h"
#include "stage/sequence.h"
#include "stage/source.h"

namespace atelier::stage {
namespace {

constexpr std::size_t kMaxManifestBytes = 64 << 20;

Result<Manifest> read_manifest(const std::string& path) {
  auto folder = Folder::open(path.find('/') == std::string::npos ? "." : parent_of(path) + "/");
  if (!folder) return source_failure(folder.error(), path);
  auto text = folder->read_file(name_in(path), kMaxManifestBytes);
  if (!text) {
    return Failure{Reason::staging_changed,
                   "the manifest of the checked files is gone: " + source_failure(text.error(), path).message};
  }
  return parse_manifest(*text);
}

Result<DagIds> staged_dag_ids(const PublishRequest& request, const Manifest& manifest) {
  if (!request.airflow_dags.empty()) {
    auto found = read_airflow_dags(request.airflow_dags);
    if (!found) return found.error();
    return ids_of(found->files);
  }
  auto tree = Folder::open(request.tree);
  if (!tree) return staging_changed(source_failure(tree.error(), request.tree).message);
  auto ids = read_dag_ids(*tree, paths_of(manifest));
  if (!ids) return staging_changed(ids.error().message);
  return ids;
}

Result<DagIds> released_dag_ids(const Candidate& release) {
  auto folder = release.releases.folder(release.name);
  if (!folder) return Storage::failure(folder.error(), "open", release.releases.path_of(release.name));
  return read_dag_ids(*folder, paths_of(release.manifest));
}

// What Airflow will show of the release, where it is noted or, if only its files say it, certain to be claimed.
Result<DagIds> shown_dag_ids(const PublishRequest& request, const DagIds& claimed, const FoundDagIds& found,
                             const Candidate& release) {
  if (!request.airflow_dags.empty()) {
    if (auto noted = found.note(release.name, claimed); !noted) return noted.error();
    return claimed;
  }
  if (auto forgotten = found.forget(release.name); !forgotten) return forgotten.error();
  auto shown = released_dag_ids(release);
  if (shown && !std::includes(claimed.begin(), claimed.end(), shown->begin(), shown->end())) {
    return staging_changed("its dag_ids are others than those of the release");
  }
  return shown;
}

// Releases that never come live, since their switch always fails, go like others; but only where it is certain that
// nothing has changed.
void prune_after_failure(const Storage& storage, const Folder& releases, const PublishRequest& request,
                         const Live& before) {
  const bool between_two = before.kind == Live::Kind::copy && before.release.empty();
  auto live = read_live(storage, request.holder.name);
  if (between_two || !live || live->kind != before.kind || live->release != before.release) return;
  prune(storage, releases, request.holder.name, live->release, request.retention, request.now);
}

}  // namespace

Result<Published> publish(const PublishRequest& request) {
  const std::string& workspace = request.holder.name;
  auto manifest = read_manifest(request.manifest);
  if (!manifest) return manifest.error();
  auto storage = Storage::open(request.storage, request.gate);
  if (!storage) return storage.error();
  auto claim = Claim::take(*storage, request.holder, request.patience);
  if (!claim) return claim.error();
  auto live = read_live(*storage, workspace);
  if (!live) return live.error();
  if (auto first = advance_sequence(*storage, request.holder, request.sequence); !first) return first.error();
  // Frees space first; what cannot be removed is told at the end.
  static_cast<void>(storage->clear_leftovers(workspace));
  if (auto kept = keep_ignore_file(*storage, workspace); !kept) return kept.error();
  auto releases = storage->releases_of(workspace);
  if (!releases) return releases.error();

  // Before anything is copied: what is refused takes no room on the volume.
  auto claimed = staged_dag_ids(request, *manifest);
  if (!claimed) return claimed.error();
  DagIdClaims dag_ids(*storage, request.holder, request.patience);
  const FoundDagIds found(*storage, workspace);
  if (auto done = claim_dag_ids(dag_ids, *claimed, found, *releases, *live); !done) return done.error();
  auto release = ReleaseShelf(*storage, *releases, workspace).provide(request.tree, *manifest, live->release);
  if (!release) return release.error();
  auto shown = shown_dag_ids(request, *claimed, found, {*releases, *release, *manifest});
  if (!shown) return shown.error();

  Published published{.release = manifest->release, .files = manifest->files.size(), .bytes = manifest->bytes};
  // A copy is never taken for what it was made as: anybody who mounts the storage may have changed its files.
  if (live->release != *release || live->kind == Live::Kind::copy) {
    // Where the storage has no locks, a newer publisher may have come in between.
    if (auto still = check_sequence(*storage, request.holder, request.sequence); !still) return still.error();
    auto switched = switch_live(*storage, workspace, *live, {*releases, *release, *manifest}, request.now);
    if (!switched) {
      prune_after_failure(*storage, *releases, request, *live);
      return switched.error();
    }
    published.changed = live->release != *release;
    published.adopted = live->kind == Live::Kind::folder;
    published.copied = *switched == Switched::file_by_file;
  }
  if (auto freed = dag_ids.keep_only(*shown); !freed) published.warning = freed.error().message;
  const Pruned pruned = prune(*storage, *releases, workspace, *release, request.retention, request.now);
  published.pruned = pruned.releases;
  if (pruned.first_failure) published.warning = pruned.first_failure->message;
  if (auto forgotten = found.forget_pruned(*releases); !forgotten) published.warning = forgotten.error().message;
  if (auto cleared = storage->clear_leftovers(workspace); !cleared) published.warning = cleared.error().message;
  return published;
}

}  // namespace atelier::stage
