// Which workspace of a DataDomain has which dag_ids: for each a file, created exclusively.
//
// What a workspace holds is noted before it is claimed and struck out after it is given back, so that whoever comes
// after a crash knows of every claim. A claim counts as long as its owner holds its own name (see claim.h).
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "stage/claim.h"
#include "stage/found_dag_ids.h"
#include "stage/live.h"
#include "stage/preflight.h"

namespace atelier::stage {

// Borrows the storage. REQUIRES: the claim of the owner's name is held.
class DagIdClaims {
 public:
  DagIdClaims(const Storage& storage, Holder owner, std::chrono::milliseconds patience)
      : storage_(storage), owner_(std::move(owner)), patience_(patience) {}

  // Claims those that are not held yet, on disk on return. PreflightFailed names the owner of the first that is
  // another's; a few may be claimed then. StorageFailed if another publisher came in between.
  Result<void> hold(const DagIds& ids);

  // Whether so much is noted that what is neither live nor wanted must be given back before these are claimed.
  Result<bool> crowded_by(const DagIds& ids) const;

  // Gives all others back.
  Result<void> keep_only(const DagIds& ids);

 private:
  Result<DagIds> noted() const;
  Result<void> note(const DagIds& ids) const;
  Result<std::optional<Holder>> owner_of(const std::string& id) const;
  Result<bool> still_counts(const Holder& owner) const;
  Failure taken(const std::string& id, const Holder& other) const;
  Result<void> note_also(const DagIds& ids) const;

  enum class Claimed { no, left_behind, ours };
  Result<Claimed> look_at(const std::string& id) const;  // PreflightFailed if it is another's
  Result<void> create(const std::string& id) const;
  Result<void> take_over(const std::vector<std::string>& ids) const;

  const Storage& storage_;
  Holder owner_;
  std::chrono::milliseconds patience_;
};

// Claims what is to go live. Where another owns one of them, only what the live release has stays claimed: an attempt
// before this one may have come further. Where the live release cannot be read, nothing is given back.
Result<void> claim_dag_ids(DagIdClaims& claims, const DagIds& ids, const FoundDagIds& found, const Folder& releases,
                           const Live& live);

}  // namespace atelier::stage
