// What Airflow found in the releases of a workspace, which their files alone do not tell: for each a file beside them.
#pragma once

#include <optional>
#include <string>

#include "stage/preflight.h"
#include "stage/storage.h"

namespace atelier::stage {

// Borrows the storage. REQUIRES of what writes: the claim of the workspace's name is held.
class FoundDagIds {
 public:
  FoundDagIds(const Storage& storage, std::string workspace) : storage_(storage), workspace_(std::move(workspace)) {}

  // Nothing if Airflow was not asked about it. StorageFailed if the file is damaged.
  Result<std::optional<DagIds>> of(const std::string& release) const;

  // On disk on return. Before the release goes live, and once its ids are claimed: what is live and cannot be read has
  // no other proof.
  Result<void> note(const std::string& release, const DagIds& ids) const;
  Result<void> forget(const std::string& release) const;

  // Those of releases that are no more.
  Result<void> forget_pruned(const Folder& releases) const;

 private:
  const Storage& storage_;
  std::string workspace_;
};

}  // namespace atelier::stage
