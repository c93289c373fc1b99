#include "stage/prune.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "stage/removal.h"

namespace atelier::stage {
namespace {

struct Aged {
  long long seconds;
  std::string name;
};

// Out of the way under its name at once, then deleted: a half-deleted release is never found among the releases.
Result<void> discard(const Storage& storage, const Folder& releases, const std::string& workspace,
                     const std::string& name) {
  const std::string aside = Storage::temporary(workspace, "pruned");
  if (auto moved = releases.rename(name, storage.tmp, aside); !moved) {
    return Storage::failure(moved.error(), "remove", releases.path_of(name));
  }
  return remove_tree(storage.tmp, aside);
}

}  // namespace

Pruned prune(const Storage& storage, const Folder& releases, const std::string& workspace, const std::string& live,
             const Retention& retention, long long now) {
  Pruned pruned;
  const auto failed = [&](const Failure& failure) {
    if (!pruned.first_failure) pruned.first_failure = failure;
  };
  auto names = releases.names();
  if (!names) {
    failed(Storage::failure(names.error(), "list", releases.path()));
    return pruned;
  }
  std::vector<Aged> others;
  for (const std::string& name : *names) {
    auto status = releases.status(name);
    if (!status) {
      failed(Storage::failure(status.error(), "look at", releases.path_of(name)));
    } else if (S_ISLNK(status->st_mode)) {
      if (auto removed = remove_tree(releases, name); !removed) failed(removed.error());
    } else if (name != live) {
      others.push_back({static_cast<long long>(status->st_mtim.tv_sec), name});
    }
  }
  std::sort(others.begin(), others.end(), [](const Aged& a, const Aged& b) {
    return a.seconds != b.seconds ? a.seconds > b.seconds : a.name < b.name;
  });
  for (std::size_t i = 0; i < others.size(); ++i) {
    const auto age = now - others[i].seconds;
    if (age < 0) continue;
    const auto seconds = static_cast<std::uint64_t>(age);
    const bool expired = retention.max_age_seconds > 0 && seconds > retention.max_age_seconds;
    if (i + 1 < retention.releases && !expired) continue;
    if (seconds < retention.min_age_seconds) continue;
    if (auto gone = discard(storage, releases, workspace, others[i].name); !gone) {
      failed(gone.error());
    } else {
      ++pruned.releases;
    }
  }
  return pruned;
}

}  // namespace atelier::stage
