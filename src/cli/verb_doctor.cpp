#include <iterator>
#include <nlohmann/json.hpp>
#include <ostream>
#include <set>

#include "atelier/api/approval.h"
#include "atelier/kube/request.h"
#include "cli/checkup.h"
#include "cli/failure.h"
#include "cli/objects.h"
#include "cli/printable.h"
#include "cli/program.h"
#include "cli/reach.h"
#include "cli/verbs.h"
#include "reconcile/admission.h"
#include "reconcile/approval_policy.h"

namespace atelier::cli {
namespace {

using nlohmann::json;

struct Purpose {
  const char* words;
  const char* role;
  bool needed;  // else who only looks can do without
  std::vector<Permission> needs;
};

const std::vector<Purpose>& purposes() {
  static const char* const kGroup = api::kGroup;
  static const std::vector<Purpose> kPurposes{
      {"look at runs and their output",
       "viewers",
       true,
       {{"get", kGroup, "pipelineruns", ""},
        {"list", kGroup, "pipelineruns", ""},
        {"watch", kGroup, "pipelineruns", ""},
        {"get", kGroup, "pipelines", ""},
        {"list", kGroup, "workspaces", ""},
        {"list", kGroup, "approvals", ""},
        {"list", "", "pods", ""},
        {"watch", "", "pods", ""},
        {"get", "", "pods", "log"},
        {"list", "", "events", ""}}},
      {"start and change runs and workspaces",
       "engineers",
       false,
       {{"create", kGroup, "pipelineruns", ""},
        {"patch", kGroup, "pipelineruns", ""},
        {"patch", kGroup, "workspaces", ""},
        {"create", kGroup, "approvals", ""}}},
  };
  return kPurposes;
}

http::Request raw(const std::string& path) {
  http::Request request = kube::get(kube::kNamespaces, {"", "any"});
  request.target = path;
  return request;
}

Result<bool> is_allowed(Session& session, const Permission& asked) {
  const kube::Resource reviews{"authorization.k8s.io", "v1", "selfsubjectaccessreviews", false};
  json attributes = {
      {"namespace", session.ns()}, {"verb", asked.verb}, {"group", asked.group}, {"resource", asked.resource}};
  if (!asked.subresource.empty()) attributes["subresource"] = asked.subresource;
  ATELIER_TRY(const json review, session.ask(kube::create(reviews, "",
                                                          {{"apiVersion", "authorization.k8s.io/v1"},
                                                           {"kind", "SelfSubjectAccessReview"},
                                                           {"spec", {{"resourceAttributes", attributes}}}})));
  return review.value(json::json_pointer("/status/allowed"), false);
}

std::vector<Checked> look_outside(Session& session) {
  std::vector<api::Workspace> workspaces;
  std::set<ObjectKey> domains;
  const auto list = session.ask(kube::list(kind_for<api::Workspace>().resource, session.ns()));
  if (!list) {
    if (list.error().code == Errc::not_found) return {};  // the kinds are a check of their own
    return {unseen("the registries and Airflow of the Workspaces in namespace " + session.ns(), list.error())};
  }
  for (const json& item : list.value().value("items", json::array())) {
    auto workspace = read_as<api::Workspace>(item);
    if (!workspace) continue;
    domains.insert(reconcile::domain_key(workspace.value()));
    workspaces.push_back(std::move(workspace).value());
  }
  std::vector<Checked> all = check_registries(workspaces);
  for (const ObjectKey& key : domains) {
    const auto object = session.ask(kube::get(kind_for<api::DataDomain>().resource, key));
    if (!object) {
      all.push_back(unseen("Airflow of DataDomain " + key.to_string(), object.error()));
      continue;
    }
    const auto domain = read_as<api::DataDomain>(object.value());
    if (!domain || !domain.value().spec.airflow) continue;
    all.push_back(check_airflow(domain.value()));
    const auto look_at = [&](const char* kind, const kube::Resource& resource, const std::vector<std::string>& names) {
      for (const std::string& name : names) {
        const ObjectKey workload{key.ns, name};
        all.push_back(check_airflow_workload(kind, workload, session.ask(kube::get(resource, workload))));
      }
    };
    look_at("Deployment", kube::kDeployments, domain.value().spec.airflow->restart.deployments);
    look_at("StatefulSet", kube::kStatefulSets, domain.value().spec.airflow->restart.stateful_sets);
  }
  return all;
}

std::vector<Checked> look(Session& session, const std::string& operator_namespace) {
  std::vector<Checked> all{check_version(session.ask(raw("/version")), session.server())};
  if (all.front().verdict == Verdict::bad) return all;  // nothing else would answer
  const std::string group = std::string(api::kGroup) + "/" + api::kVersion;
  all.push_back(check_kinds(session.ask(raw("/apis/" + group))));
  if (all.back().verdict == Verdict::good) {
    all.push_back(check_fields(session.ask(raw("/openapi/v3/apis/" + group))));
  }
  for (const Purpose& purpose : purposes()) {
    std::vector<Allowed> allowed;
    for (const Permission& need : purpose.needs) allowed.push_back({need, is_allowed(session, need)});
    all.push_back(check_permissions(purpose.words, session.ns(), purpose.role, purpose.needed, allowed));
  }
  all.push_back(check_lease(session.ask(kube::get(kube::kLeases, {operator_namespace, "atelier-operator"})),
                            operator_namespace, session.now()));
  const ObjectKey policy{"", reconcile::kApprovalPolicy};
  all.push_back(check_approval_policy(session.ask(kube::get(kube::kAdmissionPolicies, policy)),
                                      session.ask(kube::get(kube::kAdmissionBindings, policy)), session.now()));
  all.push_back(check_storage_class(session.ask(kube::list({"storage.k8s.io", "v1", "storageclasses", false}, ""))));
  std::vector<Checked> outside = look_outside(session);
  std::move(outside.begin(), outside.end(), std::back_inserter(all));
  return all;
}

Result<int> run(const std::string& operator_namespace, Session& session, Terminal& terminal) {
  int code = kDone;
  for (const Checked& one : look(session, operator_namespace)) {
    const bool is_bad = one.verdict == Verdict::bad;
    if (is_bad) code = kFailed;
    terminal.out << terminal.styled(is_bad                         ? "!!"
                                    : one.verdict == Verdict::good ? "OK"
                                                                   : "??",
                                    is_bad                         ? Style::bad
                                    : one.verdict == Verdict::good ? Style::good
                                                                   : Style::busy)
                 << " " << printable(terminal.as_called(one.words + (one.remedy.empty() ? "" : "; " + one.remedy)))
                 << "\n";
  }
  return code;
}

}  // namespace

void add_doctor(Program& program) {
  const auto ns = std::make_shared<std::string>("atelier-system");
  CLI::App& verb = program.add("doctor",
                               "Check cluster, kinds, permissions, operator, approval policy, storage, registries and "
                               "Airflow; 1 if one is not well.",
                               [ns, &program](Session& session) { return run(*ns, session, program.terminal()); });
  verb.add_option("--operator-namespace", *ns, "Where the operator runs; atelier-system without it")->type_name("NAME");
}

}  // namespace atelier::cli
