#include "sim/target.h"

#include <array>
#include <stdexcept>
#include <vector>

#include "sim/refusal.h"

namespace atelier::sim {
namespace {

constexpr const char* kOurs = "atelier.dev";
constexpr const char* kOurVersion = "v1alpha1";

const std::array<Kind, 21>& kinds() {
  static const std::array<Kind, 21> all{{
      {kOurs, kOurVersion, "businessdomains", "BusinessDomain", false, true, true},
      {kOurs, kOurVersion, "datadomains", "DataDomain", true, true, true},
      {kOurs, kOurVersion, "workspaces", "Workspace", true, true, true},
      {kOurs, kOurVersion, "pipelines", "Pipeline", true, true, true},
      {kOurs, kOurVersion, "pipelineruns", "PipelineRun", true, true, true},
      {kOurs, kOurVersion, "approvals", "Approval", true, false, true},
      {"admissionregistration.k8s.io", "v1", "validatingadmissionpolicies", "ValidatingAdmissionPolicy", false, true,
       true},
      {"admissionregistration.k8s.io", "v1", "validatingadmissionpolicybindings", "ValidatingAdmissionPolicyBinding",
       false, false, true},
      {"", "v1", "pods", "Pod", true, true, true},
      {"", "v1", "namespaces", "Namespace", false, true, false},
      {"", "v1", "configmaps", "ConfigMap"},
      {"", "v1", "secrets", "Secret"},
      {"", "v1", "events", "Event"},
      {"", "v1", "persistentvolumeclaims", "PersistentVolumeClaim", true, true, false},
      {"", "v1", "resourcequotas", "ResourceQuota", true, true, false},
      {"", "v1", "limitranges", "LimitRange"},
      {"networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy", true, false, true},
      {"rbac.authorization.k8s.io", "v1", "rolebindings", "RoleBinding"},
      {"apps", "v1", "deployments", "Deployment", true, true, true},
      {"apps", "v1", "controllerrevisions", "ControllerRevision"},
      {"coordination.k8s.io", "v1", "leases", "Lease"},
  }};
  return all;
}

std::string decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      out += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::vector<std::string> split(std::string_view text, char at) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t end = text.find(at);
    if (end != 0) parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return parts;
}

const Kind* in_group(std::string_view group, std::string_view version, std::string_view plural) {
  for (const Kind& kind : kinds()) {
    if (kind.group == group && kind.version == version && kind.plural == plural) return &kind;
  }
  return nullptr;
}

}  // namespace

std::span<const Kind> all_kinds() { return kinds(); }

const Kind& kind_of(std::string_view plural) {
  for (const Kind& kind : kinds()) {
    if (kind.plural == plural) return kind;
  }
  throw std::logic_error("the model has no resource " + std::string(plural));
}

const Kind* find_kind(std::string_view api_version, std::string_view name) {
  for (const Kind& kind : kinds()) {
    if (kind.api_version() == api_version && kind.name == name) return &kind;
  }
  return nullptr;
}

Target parse_target(std::string_view text) {
  Target out;
  const std::size_t question = text.find('?');
  if (question != std::string_view::npos) {
    for (const std::string& pair : split(text.substr(question + 1), '&')) {
      const std::size_t equals = pair.find('=');
      out.query[decoded(pair.substr(0, equals))] = equals == std::string::npos ? "" : decoded(pair.substr(equals + 1));
    }
  }
  std::vector<std::string> path = split(text.substr(0, question), '/');
  for (std::string& part : path) part = decoded(part);
  const Refusal unknown{404, "NotFound", "the server could not find the requested resource"};
  const std::size_t prefix = !path.empty() && path[0] == "api" ? 2 : 3;
  if (path.size() <= prefix || (path[0] != "api" && path[0] != "apis")) throw unknown;
  const std::string group = prefix == 2 ? "" : path[1];
  const std::string version = path[prefix - 1];
  std::size_t at = prefix;
  if (path[at] == "namespaces" && path.size() > at + 2) {
    out.key.ns = path[at + 1];
    at += 2;
  }
  out.kind = in_group(group, version, path[at]);
  if (out.kind == nullptr || (!out.kind->namespaced && !out.key.ns.empty())) throw unknown;
  if (path.size() > at + 1) out.key.name = path[at + 1];
  if (path.size() > at + 2) out.subresource = path[at + 2];
  if (path.size() > at + 3) throw unknown;
  if (!out.key.name.empty() && out.kind->namespaced && out.key.ns.empty()) throw unknown;
  const bool is_log = out.subresource == "log" && out.kind->plural == "pods";
  if (!out.subresource.empty() && !is_log && (out.subresource != "status" || !out.kind->status)) throw unknown;
  return out;
}

std::string name_in_words(const Kind& kind, const std::string& name) {
  return kind.plural + (kind.group.empty() ? "" : "." + kind.group) + " \"" + name + "\"";
}

}  // namespace atelier::sim
