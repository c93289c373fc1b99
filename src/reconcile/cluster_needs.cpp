#include "reconcile/cluster_needs.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <vector>

#include "api/approval_table.h"
#include "api/run_table.h"
#include "api/tenancy_table.h"
#include "api/workspace_table.h"
#include "atelier/kube/oldest_version.h"
#include "reconcile/missing_fields.h"

namespace atelier::reconcile {
namespace {

using nlohmann::json;

// Empty where there is no text.
std::string text_at(const json& document, const char* path) {
  const json::json_pointer at{path};
  return document.contains(at) && document.at(at).is_string() ? document.at(at).get<std::string>() : "";
}

template <class Kind>
void look(const json& schemas, std::vector<std::string>& missing) {
  const auto at = schemas.find(std::string("dev.atelier.v1alpha1.") + Kind::kKind);
  if (at == schemas.end()) return;
  MissingFields fields;
  fields.visit<Kind>(*at, "");
  for (const std::string& path : fields.found) missing.push_back(std::string(Kind::kKind) + " " + path);
}

std::string few(const std::vector<std::string>& all) {
  constexpr std::size_t kMost = 3;
  std::string out;
  for (std::size_t i = 0; i < std::min(all.size(), kMost); ++i) out += (i == 0 ? "" : ", ") + all[i];
  return all.size() > kMost ? out + " and " + std::to_string(all.size() - kMost) + " more" : out;
}

}  // namespace

std::string too_old(const json& version) {
  const std::string minor = text_at(version, "/minor");
  int number = 0;
  const auto [end, error] = std::from_chars(minor.data(), minor.data() + minor.size(), number);
  if (error != std::errc{} || text_at(version, "/major") != "1" || number >= kube::kOldestMinor) return "";
  return "Kubernetes " + text_at(version, "/gitVersion") + " is too old";
}

std::string older_kinds(const json& openapi) {
  const json::json_pointer at{"/components/schemas"};
  if (!openapi.contains(at)) return "";
  const json& schemas = openapi.at(at);
  std::vector<std::string> missing;
  look<api::BusinessDomain>(schemas, missing);
  look<api::DataDomain>(schemas, missing);
  look<api::Workspace>(schemas, missing);
  look<api::Pipeline>(schemas, missing);
  look<api::PipelineRun>(schemas, missing);
  look<api::Approval>(schemas, missing);
  return missing.empty() ? "" : "the kinds are of an older version: they lack " + few(missing);
}

}  // namespace atelier::reconcile
