// Which workspace of a DataDomain has which dag_ids: for each a file, created exclusively.
//
// What a workspace holds is noted before it is claimed and struck out after it is given back, so that whoever comes
// after a crash knows of every claim. A claim counts as long as its owner holds its own name (see claim.h).
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "stage/claim.h"
#include "stage/live.h"
#include "stage/preflight.h"

namespace atelier::stage {

// Borrows the storage. REQUIRES: the claim of the owner's name is held.
class DagIdClaims {
 public:
  DagIdClaims(const Storage& storage, Holder owner, std::chrono::milliseconds patience)
      : storage_(storage), owner_(std::move(owner)), patience_(patience) {}

  // Claims those that are not held yet. PreflightFailed names the owner of the first that is another's; then nothing
  // has changed. StorageFailed if another publisher came in between.
  Result<void> hold(const DagIds& ids);

  // Gives all others back.
  Result<void> keep_only(const DagIds& ids);

 private:
  Result<DagIds> noted() const;
  Result<void> note(const DagIds& ids) const;
  Result<std::optional<Holder>> owner_of(const std::string& id) const;
  Result<bool> still_counts(const Holder& owner) const;
  Failure taken(const std::string& id, const Holder& other) const;

  const Storage& storage_;
  Holder owner_;
  std::chrono::milliseconds patience_;
};

// Claims what the release spells out that is to go live, and returns it. Where another owns one of them, only what the
// live release has stays claimed: an attempt before this one may have come further.
Result<DagIds> claim_dag_ids(DagIdClaims& claims, const Candidate& next, const Live& live);

}  // namespace atelier::stage
