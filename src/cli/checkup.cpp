#include "cli/checkup.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "atelier/kube/lease.h"
#include "atelier/kube/oldest_version.h"
#include "cli/age.h"
#include "cli/kinds.h"
#include "reconcile/approval_policy.h"
#include "reconcile/cluster_needs.h"

namespace atelier::cli {
namespace {

using nlohmann::json;

constexpr const char* kInstallKinds = "an administrator runs: kubectl apply --server-side -k crds";

Checked good(std::string words) { return {Verdict::good, std::move(words), ""}; }
Checked bad(std::string words, std::string remedy) { return {Verdict::bad, std::move(words), std::move(remedy)}; }

std::string text_at(const json& document, const char* path) { return document.value(json::json_pointer(path), ""); }

std::string few(const std::vector<std::string>& all) {
  std::string out;
  for (std::size_t i = 0; i < std::min<std::size_t>(all.size(), 3); ++i) out += (i == 0 ? "" : ", ") + all[i];
  return all.size() > 3 ? out + " and " + std::to_string(all.size() - 3) + " more" : out;
}

}  // namespace

Checked unseen(const std::string& what, const Error& error) {
  if (error.code == Errc::forbidden) {
    return {Verdict::unknown, "you may not look at " + what, "an administrator can: atelier doctor"};
  }
  return {Verdict::unknown, what + " cannot be looked at: " + error.message, "try again"};
}

Checked check_version(const Answer& version, const std::string& server) {
  if (!version)
    return bad("the API server at " + server + " does not answer: " + version.error().message,
               "choose another --context or --kubeconfig, or log in again");
  const std::string too_old = reconcile::too_old(version.value());
  if (!too_old.empty()) return bad(too_old, "an administrator upgrades it to " + kube::oldest_version() + " or later");
  return good("Kubernetes " + text_at(version.value(), "/gitVersion") + " answers at " + server);
}

Checked check_kinds(const Answer& discovery) {
  if (!discovery && discovery.error().http_status != 404) return unseen("the kinds of atelier.dev", discovery.error());
  std::vector<std::string> missing;
  for (const KindName& kind : kind_names()) {
    bool there = false;
    for (const json& one : discovery ? discovery.value().value("resources", json::array()) : json::array()) {
      there = there || one.value("name", "") == kind.resource.plural;
    }
    if (!there) missing.push_back(kind.resource.plural + "." + kind.resource.group);
  }
  if (missing.empty()) return good("all kinds of atelier.dev/v1alpha1 are installed");
  return bad("the cluster lacks " + few(missing), kInstallKinds);
}

Checked check_fields(const Answer& openapi) {
  if (!openapi) return unseen("the fields of the kinds", openapi.error());
  const std::string older = reconcile::older_kinds(openapi.value());
  if (older.empty()) return good("they have every field that this version knows");
  return bad(older, kInstallKinds);
}

Checked check_lease(const Answer& lease, const std::string& ns, WallTime now) {
  if (!lease && lease.error().code == Errc::not_found) {
    return bad("the operator has never run in namespace " + ns,
               "an administrator installs it; if it is in another namespace, say so with --operator-namespace");
  }
  if (!lease) return unseen("the operator's lease", lease.error());
  const kube::LeaseRecord record = kube::lease_record_of(lease.value());
  const auto since = record.renew_time ? now - *record.renew_time : WallTime::duration::max();
  // Clocks differ: twice the time after which another would take over.
  if (record.holder.empty() || since > 2 * std::chrono::seconds{std::max<std::int64_t>(record.duration_seconds, 1)}) {
    return bad("the operator is not running" +
                   (record.renew_time ? ": its lease was renewed last " + human_duration(since) + " ago" : ""),
               "an administrator looks at its pods and log: kubectl get pods -n " + ns);
  }
  return good("the operator runs: " + record.holder);
}

Checked check_approval_policy(const Answer& policy, const Answer& binding, WallTime now) {
  for (const Answer* answer : {&policy, &binding}) {
    if (!*answer && answer->error().code != Errc::not_found) return unseen("the approval policy", answer->error());
  }
  const auto record = [](const Answer& answer, auto decode) -> std::shared_ptr<const reconcile::PolicyRecord> {
    if (!answer) return nullptr;
    auto decoded = decode(answer.value().dump());
    return decoded ? std::move(decoded).value() : nullptr;
  };
  const auto first = record(policy, reconcile::decode_approval_policy);
  const auto second = record(binding, reconcile::decode_approval_binding);
  const engine::ApprovalGuard guard = reconcile::approval_guard(first.get(), second.get());
  if (guard.state != engine::ApprovalGuard::State::in_force) {
    const std::size_t end = guard.why.find("; ");
    return bad("approvals are refused: " + guard.why.substr(0, end),
               end == std::string::npos ? "see docs/guides/approvals.md" : guard.why.substr(end + 2));
  }
  if (guard.since > now) {
    return bad("the approval policy takes effect in " + human_duration(guard.since - now), "wait until then");
  }
  return good("the approval policy is in force");
}

Checked check_storage_class(const Answer& list) {
  if (!list) return unseen("storage classes", list.error());
  const json items = list.value().value("items", json::array());
  for (const json& item : items) {
    const json annotations = item.value(json::json_pointer("/metadata/annotations"), json::object());
    if (annotations.value("storageclass.kubernetes.io/is-default-class", "") == "true") {
      return good("storage class " + text_at(item, "/metadata/name") + " is the default");
    }
  }
  if (items.empty()) return bad("there is no storage class", "an administrator installs one");
  return {Verdict::unknown, "no storage class is the default",
          "an administrator marks one with the annotation storageclass.kubernetes.io/is-default-class=true, or every "
          "claim names its own"};
}

std::string Permission::to_string() const {
  return verb + " " + resource + (subresource.empty() ? "" : "/" + subresource);
}

Checked check_permissions(const std::string& purpose, const std::string& ns, const std::string& role, bool needed,
                          const std::vector<Allowed>& all) {
  std::vector<std::string> missing;
  for (const Allowed& one : all) {
    if (!one.answer) return unseen("your permissions", one.answer.error());
    if (!one.answer.value()) missing.push_back(one.permission.to_string());
  }
  if (missing.empty()) return good("you may " + purpose + " in namespace " + ns);
  return {needed ? Verdict::bad : Verdict::unknown,
          "you may not " + purpose + " in namespace " + ns + ": you lack " + few(missing),
          "ask the owner of its BusinessDomain to add you to spec.access." + role};
}

}  // namespace atelier::cli
