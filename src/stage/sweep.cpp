#include "stage/sweep.h"

#include <cerrno>

#include "stage/claim.h"
#include "stage/dag_id_claims.h"
#include "stage/live_copy.h"
#include "stage/removal.h"

namespace atelier::stage {
namespace {

Result<void> remove_live(const Storage& storage, const std::string& workspace) {
  auto live = read_live(storage, workspace);
  if (!live) {
    if (live.error().reason == Reason::path_occupied) return {};
    return live.error();
  }
  if (live->kind == Live::Kind::copy) return remove_copy(storage, workspace);
  if (live->kind != Live::Kind::release) return {};
  auto done = storage.dags.remove_file(workspace);
  if (done) done = storage.dags.sync();
  if (!done) return Storage::failure(done.error(), "remove", storage.dags.path_of(workspace));
  return {};
}

Result<void> remove_from(const Folder& folder, const std::string& workspace) {
  if (auto removed = remove_tree(folder, workspace); !removed) return removed;
  if (auto synced = folder.sync(); !synced) return Storage::failure(synced.error(), "write", folder.path());
  return {};
}

Result<void> remove_all(const Storage& storage, const SweptName& name, Claim claim) {
  const std::string& workspace = name.name;
  if (auto done = remove_live(storage, workspace); !done) return done;
  DagIdClaims dag_ids(storage, {.uid = name.uid, .namespace_name = "", .name = workspace}, {});
  // What stays claimed stops counting with the name, so that no damaged note or claim keeps the name.
  static_cast<void>(dag_ids.keep_only({}));
  if (auto done = remove_from(storage.held_dag_ids, workspace); !done) return done;
  if (auto done = remove_from(storage.found_dag_ids, workspace); !done) return done;
  if (auto done = remove_from(storage.copies, workspace); !done) return done;
  if (auto done = remove_from(storage.releases, workspace); !done) return done;
  if (auto done = remove_from(storage.sequences, workspace); !done) return done;
  if (auto done = storage.clear_leftovers(workspace); !done) return done;
  return std::move(claim).remove(storage);
}

}  // namespace

Result<Swept> sweep(const SweepRequest& request) {
  auto storage = Storage::open_existing(request.storage, request.gate);
  if (!storage) return storage.error();
  Swept swept;
  const auto failed = [&](const SweptName& name, const Failure& failure) {
    swept.failed.push_back(name.name);
    if (!swept.first_failure) swept.first_failure = failure;
  };
  for (const SweptName& name : request.remove) {
    if (!*storage) {
      swept.absent.push_back(name.name);
      continue;
    }
    auto search = Claim::find(**storage, name.name, name.uid, request.patience);
    if (!search) {
      failed(name, search.error());
    } else if (search->found == Claim::Found::absent) {
      swept.absent.push_back(name.name);
    } else if (search->found == Claim::Found::foreign) {
      swept.kept.push_back(name.name);
    } else if (auto done = remove_all(**storage, name, std::move(*search->claim)); !done) {
      failed(name, done.error());
    } else {
      swept.removed.push_back(name.name);
    }
  }
  return swept;
}

}  // namespace atelier::stage
