#include "atelier/convert/convert.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "atelier/api/codec.h"
#include "atelier/api/validate.h"
#include "convert/forms.h"

namespace atelier::convert {
namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 2> kDeploymentNeeds{"spec", "airflow"};
constexpr std::array<std::string_view, 8> kRatatouille{"name",      "version", "description", "isolation",
                                                       "resources", "layers",  "products",    "subscriptions"};

using Read = api::Workspace (*)(Input&, const Options&);

// The form whose fields the document has; null, with a finding, when it has none or is something else.
Read form_of(const json& document, Input& input) {
  const auto has = [&](std::string_view name) { return document.contains(std::string(name)); };
  if (!document.is_object()) {
    input.missing("is no map; a deployment-needs.yaml has spec, a workspace.yaml has name");
  } else if (has("apiVersion") && has("kind")) {
    input.missing("is a Kubernetes manifest already; atelier lint checks it");
  } else if (has("load_from")) {
    input.missing("is a list of Dagster's code locations, which is not a workspace's");
  } else {
    const auto needs = std::count_if(kDeploymentNeeds.begin(), kDeploymentNeeds.end(), has);
    const auto ratatouille = std::count_if(kRatatouille.begin(), kRatatouille.end(), has);
    if (needs > 0 && needs >= ratatouille) return read_deployment_needs;
    if (ratatouille > 0) return read_ratatouille;
    input.missing(
        "is neither a deployment-needs.yaml, with spec.initContainers and spec.containers, nor a workspace.yaml, with "
        "name and isolation");
  }
  return nullptr;
}

void check(Input& input, const api::Workspace& workspace) {
  const std::string& ns = workspace.metadata.ns;
  if (!ns.empty() && !api::is_dns_label(ns)) input.missing("--namespace: \"" + ns + "\" is no namespace's name");
  for (const std::string& words : api::mistakes<api::Workspace>(api::serialize(workspace))) {
    const std::size_t colon = words.find(": ");
    input.refuse(words.substr(0, colon), words.substr(colon + 2));
  }
  for (const api::Violation& one : api::validate(workspace.metadata.name, workspace.spec)) {
    input.refuse(one.path, one.message);
  }
}

}  // namespace

Converted convert(const yaml::Document& document, const Options& options) {
  Input input(document);
  Converted out;
  if (const Read read = form_of(document.value, input)) {
    api::Workspace workspace = read(input, options);
    workspace.metadata.ns = options.ns;
    workspace.spec.data_domain = options.data_domain;
    input.origin("spec.dataDomain", "--data-domain");
    if (options.data_domain.name.empty()) {
      input.missing("does not say where to publish; give --data-domain NAMESPACE/NAME, a DataDomain of the platform");
    }
    // What could not be read would be reported again.
    if (!input.refused()) check(input, workspace);
    if (!input.refused()) out.workspace = std::move(workspace);
  }
  out.findings = input.take_findings();
  return out;
}

}  // namespace atelier::convert
