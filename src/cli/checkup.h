// What `doctor` finds, from the cluster's answers. Pure.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "atelier/base/result.h"
#include "atelier/base/time.h"

namespace atelier::cli {

enum class Verdict { good, bad, unknown };  // unknown: the caller may not look, or can do without; no fault

struct Checked {
  Verdict verdict = Verdict::good;
  std::string words;
  std::string remedy;  // empty when it is good

  bool operator==(const Checked&) const = default;
};

using Answer = Result<nlohmann::json>;

// What could not be read, as far as that is no fault.
Checked unseen(const std::string& what, const Error& error);

Checked check_version(const Answer& version, const std::string& server);
// Of the group's discovery and its OpenAPI document.
Checked check_kinds(const Answer& discovery);
Checked check_fields(const Answer& openapi);
Checked check_lease(const Answer& lease, const std::string& ns, WallTime now);
Checked check_approval_policy(const Answer& policy, const Answer& binding, WallTime now);
Checked check_storage_class(const Answer& list);

// What the caller may do with a resource.
struct Permission {
  std::string verb;
  std::string group;
  std::string resource;
  std::string subresource;

  std::string to_string() const;  // get pods/log
};
struct Allowed {
  Permission permission;
  Result<bool> answer;
};
// A group of permissions that one needs for `purpose`, such as "start and change runs". `needed`: nobody can do
// without.
Checked check_permissions(const std::string& purpose, const std::string& ns, const std::string& role, bool needed,
                          const std::vector<Allowed>& all);

}  // namespace atelier::cli
