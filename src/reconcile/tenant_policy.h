// What a BusinessDomain sets in its namespaces, and what is taken away where they are not its own any more: pure.
//
// Guarantees: a namespace has one tenant, the oldest of those that claim it; what stands in a namespace is found by its
// labels, also without its BusinessDomain; nothing is taken away before a live read has shown that it is not claimed.
#pragma once

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "atelier/api/business_domain.h"
#include "reconcile/event_note.h"
#include "reconcile/refused_write.h"
#include "reconcile/tenant_record.h"

namespace atelier::reconcile {

// Everything the decision reads; pointers are borrowed for the call.
struct TenancyInput {
  const std::string& name;                      // of the tenant; that of things that bear it where there is none
  const api::BusinessDomain* tenant = nullptr;  // null: there is none
  // Namespaces that the tenant claims or that are labelled as its own; those that are not there are left out.
  std::map<std::string, std::shared_ptr<const NamespaceRecord>> namespaces = {};
  std::map<std::string, std::string> holders = {};                  // of the same: whose they are
  std::vector<std::shared_ptr<const TenantPartRecord>> parts = {};  // that bear its name
  std::string operator_namespace = {};
  std::int64_t data_domains = 0;
  std::int64_t workspaces = 0;
  std::map<std::string, RefusedWrite> refusals = {};  // by TenancyWrite::id
  std::map<std::string, std::string> failures = {};   // the same: of writes that the API server just failed to do
  WallTime now;
};

struct TenancyWrite {
  enum class Kind {
    label,    // the namespace, by server-side apply
    give_up,  // what was applied to the namespace
    unlabel,  // the namespace, whose label is not the operator's
    apply,    // an object
    mend,     // an object that was changed
    remove,   // an object
  };
  Kind kind{};
  std::string id;
  ObjectKey key;
  render::TenantPart part{};  // of an object
  nlohmann::json body;
  Uid uid;                       // of what is removed
  std::string resource_version;  // as above

  bool takes_away() const { return kind == Kind::give_up || kind == Kind::unlabel || kind == Kind::remove; }
};

struct TenancyDecision {
  api::BusinessDomainStatus status;  // to be written when it differs; of a tenant that is there
  std::vector<TenancyWrite> writes;
  std::set<std::string> refused;  // ids of writes that wait to be tried again
  std::optional<WallTime> wake_at;
  std::vector<Note> notes;
};

TenancyDecision decide(const TenancyInput& input);

// The tenant among those that claim a namespace whose it is; null: none.
const api::BusinessDomain* holder_of(const std::vector<std::shared_ptr<const api::BusinessDomain>>& claimants);

// The cluster's own namespaces and the operator's are no tenant's.
bool is_reserved(const std::string& ns, const std::string& operator_namespace);

// Of a write's body, for RefusedWrite.
std::string content_hash(const TenancyWrite& write);

}  // namespace atelier::reconcile
