// Approval: one person's word on one task of one run. The API server keeps it as it was made.
#pragma once

#include "atelier/api/shared_types.h"

namespace atelier::api {

struct ApprovalSpec {
  RunReference run;  // whether a user may approve it is asked by name, so both name and uid have to fit
  std::string task;
  std::string decision;  // Approve, Reject
  std::string user;      // who made it, by the word of the admission policy alone
  std::string comment;

  bool rejects() const { return decision != "Approve"; }
  bool operator==(const ApprovalSpec&) const = default;
};

struct Approval {
  static constexpr const char* kKind = "Approval";
  static constexpr const char* kPlural = "approvals";
  static constexpr bool kNamespaced = true;

  meta::ObjectMeta metadata;
  ApprovalSpec spec;

  bool operator==(const Approval&) const = default;
};

// The longest user name that an Approval or a run holds; that of a ServiceAccount takes up to 339 characters.
inline constexpr std::size_t kLongestUser = 512;

}  // namespace atelier::api
