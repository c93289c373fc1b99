// What to do about a DataDomain: admission, the names its workspaces hold on the storage, and the sweep of names
// whose Workspace is gone. Pure, one step at a time.
//
// Flow of a name: noted in status.claims -> published -> Workspace gone -> its publish pod deleted -> absence
// confirmed by live reads -> claim marked as sweeping -> sweep pod -> claim removed from status -> sweep pod deleted.
// Guarantees: nothing is on the storage without a claim in status; nothing is swept on the word of a cache alone, nor
// while anybody relies on it: a Workspace that comes back to a claim that is swept gives up its release, waits until
// the claim is removed and gets another, which is noted only after its status names no live release.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "atelier/api/business_domain.h"
#include "atelier/api/data_domain.h"
#include "atelier/api/workspace.h"
#include "reconcile/event_note.h"
#include "reconcile/pod_record.h"
#include "reconcile/refused_write.h"
#include "reconcile/watched_namespaces.h"

namespace atelier::reconcile {

// Everything the decision reads. Pointers are borrowed for the call.
struct DataDomainInput {
  const api::DataDomain& domain;
  const api::BusinessDomain* tenant = nullptr;          // null: there is none
  std::vector<const api::Workspace*> workspaces = {};   // all that refer to this DataDomain
  std::vector<const api::DataDomain*> neighbours = {};  // others in the same namespace
  std::vector<const PodRecord*> publish_pods = {};      // all in the storage namespace
  const PodRecord* sweep_pod = nullptr;                 // the one of the constant name
  std::set<Uid> confirmed_gone = {};                    // Workspaces that a live read just did not find
  RefusedWrite sweep_refusal = {};                      // of the sweep pod
  WatchedNamespaces watches = {};                       // of others' Workspaces nothing is known: they keep their names
  std::string stage_image;
  WallTime now;
};

struct DataDomainDecision {
  api::DataDomainStatus status;            // to be written when it differs from the present one
  std::vector<api::StorageClaim> confirm;  // read these Workspaces live, then decide again
  std::vector<std::pair<std::string, Uid>> delete_pods;
  std::optional<nlohmann::json> create_pod;
  std::vector<Note> notes;
  std::optional<WallTime> wake_at;
};

DataDomainDecision decide(const DataDomainInput& input);

// Whether status says of some release, of whatever domain, that it is live.
bool names_live_release(const api::Workspace& workspace);

}  // namespace atelier::reconcile
