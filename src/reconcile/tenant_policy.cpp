#include "reconcile/tenant_policy.h"

#include <algorithm>
#include <array>
#include <tuple>

#include "atelier/api/validate.h"
#include "atelier/base/digest.h"
#include "reconcile/merge_diff.h"
#include "reconcile/status_conditions.h"

namespace atelier::reconcile {
namespace {

using meta::ConditionStatus;
using nlohmann::json;
using Kind = TenancyWrite::Kind;

constexpr std::array kReserved{"kube-system", "kube-public", "kube-node-lease", "default"};
constexpr std::size_t kLongestLabel = 63;

struct Trouble {
  std::string reason;
  std::string message;
};

// Whether the API server lets one be changed into the other: some fields of an object cannot be.
bool can_become(const json& present, const json& wanted) {
  const std::array kFixed{"/roleRef", "/spec/scopes", "/spec/scopeSelector"};
  return std::all_of(kFixed.begin(), kFixed.end(), [&](const char* field) {
    const json::json_pointer at(field);
    return present.value(at, json()) == wanted.value(at, json());
  });
}

// A namespace's name is at most 63 bytes long, a BusinessDomain's 253.
bool is_nameable(const std::string& tenant) { return tenant.size() <= kLongestLabel; }

class Decider {
 public:
  explicit Decider(const TenancyInput& input) : in_(input) {
    if (in_.tenant != nullptr) objects_ = render::tenant_objects(*in_.tenant);
    for (const auto& part : in_.parts) parts_.emplace(std::pair{part->part, part->key}, part.get());
  }

  TenancyDecision run() {
    const bool holds = in_.tenant != nullptr && judge();
    for (const auto& [name, found] : in_.namespaces) {
      if (found->terminating) continue;
      if (!is_held(name)) {
        give_up(*found);
      } else if (holds) {
        hold(*found);
      }
    }
    for (const auto& part : in_.parts) {
      const auto ns = in_.namespaces.find(part->key.ns);
      if (ns == in_.namespaces.end() || ns->second->terminating ||
          !render::is_tenant_object(part->part, part->key.name))
        continue;
      const bool is_kept = is_held(part->key.ns) && (!holds || wanted(*part) != nullptr);
      if (!is_kept) remove(*part);
    }
    if (in_.tenant != nullptr) tell();
    return std::move(out_);
  }

 private:
  bool is_held(const std::string& ns) const {
    const auto holder = in_.holders.find(ns);
    return in_.tenant != nullptr && holder != in_.holders.end() && holder->second == in_.name && !is_reserved(ns);
  }
  bool is_reserved(const std::string& ns) const { return reconcile::is_reserved(ns, in_.operator_namespace); }

  // Whether the spec can be carried out at all; what is wrong with single namespaces keeps no other one.
  bool judge() {
    if (!is_nameable(in_.name)) {
      trouble("InvalidName",
              "metadata.name: becomes a label of namespaces, so it may have at most 63 characters; delete this "
              "BusinessDomain and make one with another name");
      return false;
    }
    const api::Violations violations = api::validate(in_.tenant->spec);
    for (const api::Violation& one : violations) trouble(one.reason, one.to_string());
    if (!violations.empty()) return false;
    for (const std::string& ns : in_.tenant->spec.namespaces) judge(ns);
    return true;
  }

  void judge(const std::string& ns) {
    const std::string named = "spec.namespaces: \"" + ns + "\" ";
    const auto found = in_.namespaces.find(ns);
    const auto holder = in_.holders.find(ns);
    if (is_reserved(ns)) {
      trouble("NamespaceReserved", named + "is the cluster's or the operator's own; take it out of the list");
    } else if (holder != in_.holders.end() && holder->second != in_.name) {
      trouble("NamespaceTaken", named + "belongs to BusinessDomain \"" + holder->second +
                                    "\", which is older; take it out of one of the two lists");
    } else if (found == in_.namespaces.end()) {
      trouble("NamespaceNotFound", named + "is not there; create the namespace or correct the name");
    } else if (found->second->terminating) {
      trouble("NamespaceNotFound", named + "is being deleted; create it again, or take it out of the list");
    }
  }

  const render::TenantObject* wanted(const TenantPartRecord& part) const {
    for (const render::TenantObject& object : objects_) {
      if (object.part == part.part && object.name == part.key.name) return &object;
    }
    return nullptr;
  }

  const TenantPartRecord* found(const std::string& ns, const render::TenantObject& object) const {
    const auto part = parts_.find(std::pair{object.part, ObjectKey{ns, object.name}});
    return part == parts_.end() ? nullptr : part->second;
  }

  void hold(const NamespaceRecord& ns) {
    const auto labels = render::namespace_labels(in_.name);
    const bool labelled = std::includes(ns.labels.begin(), ns.labels.end(), labels.begin(), labels.end());
    if (!ns.applied || !labelled) label(Kind::label, "label", ns, {{"labels", labels}});
    for (const render::TenantObject& object : objects_) {
      const TenantPartRecord* part = found(ns.name, object);
      if (part == nullptr) {
        apply(ns.name, object);
      } else if (part->content != object.content) {
        mend(*part, object);
      }
    }
  }

  // Labels that another holder is about to set are its own business.
  void give_up(const NamespaceRecord& ns) {
    if (ns.tenant() != in_.name || (in_.holders.contains(ns.name) && !is_reserved(ns.name))) return;
    if (ns.applied) {
      label(Kind::give_up, "give up", ns, json::object());
    } else {
      write({Kind::unlabel,
             "unlabel namespace " + ns.name,
             {"", ns.name},
             {},
             {{"metadata",
               {{"uid", ns.uid.value},
                {"resourceVersion", ns.resource_version},
                {"labels", {{render::kBusinessDomain, nullptr}}}}}},
             {},
             {}});
    }
  }

  // The uid keeps a namespace from being made again by this.
  void label(Kind kind, const std::string& verb, const NamespaceRecord& ns, json metadata) {
    metadata["name"] = ns.name;
    metadata["uid"] = ns.uid.value;
    write({kind,
           verb + " namespace " + ns.name,
           {"", ns.name},
           {},
           {{"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", std::move(metadata)}},
           {},
           {}});
  }

  void apply(const std::string& ns, const render::TenantObject& wanted) {
    json object = wanted.object;
    object["metadata"]["namespace"] = ns;
    write({Kind::apply,
           name_of(wanted.part, "apply", {ns, wanted.name}),
           {ns, wanted.name},
           wanted.part,
           std::move(object),
           {},
           {}});
  }

  void mend(const TenantPartRecord& part, const render::TenantObject& wanted) {
    if (!can_become(part.content, wanted.content)) {
      remove(part);
      return;
    }
    json patch = merge_diff(part.content, wanted.content);
    patch["metadata"] = {{"uid", part.uid.value}, {"resourceVersion", part.resource_version}};
    write({Kind::mend, name_of(part.part, "mend", part.key), part.key, part.part, std::move(patch), {}, {}});
  }

  void remove(const TenantPartRecord& part) {
    write({Kind::remove,
           name_of(part.part, "remove", part.key),
           part.key,
           part.part,
           {},
           part.uid,
           part.resource_version});
  }

  static std::string name_of(render::TenantPart part, const std::string& verb, const ObjectKey& key) {
    static constexpr std::array kNames{"resource quota", "limit range", "network policy", "role binding"};
    return verb + " " + kNames[static_cast<std::size_t>(part)] + " " + key.to_string();
  }

  void write(TenancyWrite write) {
    const auto refusal = in_.refusals.find(write.id);
    if (refusal != in_.refusals.end() && refusal->second.refused(content_hash(write))) {
      trouble("NamespaceRefused", "the API server refuses to " + write.id + ": " + refusal->second.message +
                                      "; change what it names, a policy or the operator's role; it is tried again by "
                                      "itself");
      out_.refused.insert(write.id);
      const WallTime again = refusal->second.again();
      if (again > in_.now) {
        out_.wake_at = out_.wake_at ? std::min(*out_.wake_at, again) : again;
        return;
      }
    } else if (const auto failure = in_.failures.find(write.id); failure != in_.failures.end()) {
      trouble("NamespaceFailed",
              "the API server does not come to " + write.id + ": " + failure->second + "; it is tried again by itself");
    } else {
      settled_ = false;
    }
    out_.writes.push_back(std::move(write));
  }

  void trouble(std::string reason, std::string message) {
    troubles_.push_back({std::move(reason), std::move(message)});
  }

  void tell() {
    const api::BusinessDomain& tenant = *in_.tenant;
    out_.status = tenant.status;
    if (tenant.metadata.deleting()) return;
    out_.status.observed_generation = tenant.metadata.generation;
    out_.status.data_domains = in_.data_domains;
    out_.status.workspaces = in_.workspaces;
    StatusConditions conditions{tenant.status.conditions, out_.status.conditions, tenant.metadata.generation, in_.now};
    if (troubles_.empty()) {
      if (!settled_) return;  // what is under way now is told when it is done
      conditions.set("NamespacesReady", ConditionStatus::true_, "Held", "its namespaces are as the spec says");
      conditions.set("Ready", ConditionStatus::true_, "Observed", "its namespaces may hold data domains");
      return;
    }
    const std::string& reason = troubles_.front().reason;
    std::string message = troubles_.front().message;
    if (troubles_.size() > 1) message += " (and " + std::to_string(troubles_.size() - 1) + " more)";
    if (conditions.is_news("Ready", ConditionStatus::false_, reason)) out_.notes.push_back({true, reason, message});
    for (const char* type : {"NamespacesReady", "Ready"}) {
      conditions.set(type, ConditionStatus::false_, reason, message);
    }
  }

  const TenancyInput& in_;
  std::vector<render::TenantObject> objects_;
  std::map<std::pair<render::TenantPart, ObjectKey>, const TenantPartRecord*> parts_;
  std::vector<Trouble> troubles_;
  bool settled_ = true;
  TenancyDecision out_;
};

}  // namespace

TenancyDecision decide(const TenancyInput& input) { return Decider{input}.run(); }

const api::BusinessDomain* holder_of(const std::vector<std::shared_ptr<const api::BusinessDomain>>& claimants) {
  const auto older = [](const auto& one, const auto& other) {
    const meta::ObjectMeta& left = one->metadata;
    const meta::ObjectMeta& right = other->metadata;
    return std::tie(left.creation_timestamp, left.uid) < std::tie(right.creation_timestamp, right.uid);
  };
  std::vector<std::shared_ptr<const api::BusinessDomain>> able;
  std::copy_if(claimants.begin(), claimants.end(), std::back_inserter(able),
               [](const auto& one) { return is_nameable(one->metadata.name); });
  const auto first = std::min_element(able.begin(), able.end(), older);
  return first == able.end() ? nullptr : first->get();
}

bool is_reserved(const std::string& ns, const std::string& operator_namespace) {
  return ns == operator_namespace || std::find(kReserved.begin(), kReserved.end(), ns) != kReserved.end();
}

// Without what changes with each status of the object: a write that was refused is the same one then.
std::string content_hash(const TenancyWrite& write) {
  json body = write.body;
  if (body.contains("metadata")) {
    body["metadata"].erase("uid");
    body["metadata"].erase("resourceVersion");
  }
  return sha256_hex(body.dump());
}

}  // namespace atelier::reconcile
