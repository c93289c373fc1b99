#include "sim/api_model.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

#include "sim/patch.h"
#include "sim/refusal.h"

namespace atelier::sim {
namespace {

using nlohmann::json;

// What only the server sets: what is asked for is ignored, or else refused unless it is what there is.
constexpr std::array kIgnored{"name", "namespace", "resourceVersion", "generation", "creationTimestamp"};
constexpr std::array kImmutable{"uid", "deletionTimestamp", "deletionGracePeriodSeconds"};

bool is_pod(const Kind& kind) { return kind.plural == "pods"; }

bool has_finalizers(const json& object) {
  const json& metadata = object["metadata"];
  return metadata.contains("finalizers") && !metadata["finalizers"].empty();
}

bool deleting(const json& object) { return object["metadata"].contains("deletionTimestamp"); }

// Empty lists and maps are not kept, as Go's omitempty, nor an owner that is there twice.
void tidy(const Kind& kind, json& object) {
  json& metadata = object["metadata"];
  if (metadata.contains("ownerReferences") && metadata["ownerReferences"].is_array()) {
    json once = json::array();
    for (const json& owner : metadata["ownerReferences"]) {
      if (std::find(once.begin(), once.end(), owner) == once.end()) once.push_back(owner);
    }
    metadata["ownerReferences"] = std::move(once);
  }
  const auto drop = [](json& from, const char* field) {
    if (from.contains(field) && (from[field].is_null() || from[field].empty())) from.erase(field);
  };
  for (const char* field : {"finalizers", "ownerReferences", "labels", "annotations"}) drop(metadata, field);
  if (kind.plural == "configmaps") drop(object, "data");
}

bool spec_differs(const json& one, const json& other) {
  const auto has_other = [](const json& in, const json& than) {
    return std::any_of(in.items().begin(), in.items().end(), [&](const auto& field) {
      if (field.key() == "metadata" || field.key() == "status") return false;
      const auto at = than.find(field.key());
      return at == than.end() || *at != field.value();
    });
  };
  return has_other(one, other) || has_other(other, one);
}

// A DNS subdomain.
bool is_name(const std::string& text) {
  const auto alphanumeric = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  const auto divides = [](char c) { return c == '-' || c == '.'; };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool inside = i > 0 && i + 1 < text.size();
    const bool dotted = inside && text[i] == '.' && (divides(text[i - 1]) || divides(text[i + 1]));
    if (!alphanumeric(text[i]) && (!inside || !divides(text[i]) || dotted)) return false;
  }
  return !text.empty() && text.size() <= 253;
}

// Events may be called what a path can say.
bool is_name_of(const Kind& kind, const std::string& text) {
  if (kind.plural != "events") return is_name(text);
  return !text.empty() && text != "." && text != ".." && text.find_first_of("/%") == std::string::npos;
}

// Of which an update has to say the version that it changes.
bool needs_version(const Kind& kind) {
  return kind.custom() || kind.plural == "leases" || kind.group == "admissionregistration.k8s.io";
}

std::string id_of(const Kind& kind, const ObjectKey& key) {
  return kind.group + "/" + kind.plural + "/" + key.to_string();
}

void check_identity(const ObjectKey& key, const json& object) {
  if (!object.is_object() || !object.contains("metadata") || !object["metadata"].is_object()) {
    throw bad_request("the object has no metadata");
  }
  if (object["metadata"].value("name", "") != key.name) {
    throw bad_request("the name of the object is not the request's");
  }
  if (object["metadata"].value("namespace", key.ns) != key.ns) {
    throw bad_request("the namespace of the object is not the request's");
  }
}

void put_back(const char* field, const json& was, json& next) {
  next["metadata"].erase(field);
  if (was["metadata"].contains(field)) next["metadata"][field] = was["metadata"][field];
}

// By the subresource: of custom resources only the status, of pods also what is in their metadata.
json with_status_of(const Kind& kind, const json& was, const json& wanted) {
  json next = was;
  next.erase("status");
  if (wanted.contains("status")) next["status"] = wanted["status"];
  if (!is_pod(kind)) return next;
  next["metadata"] = wanted["metadata"];
  for (const char* field : {"ownerReferences", "deletionTimestamp"}) put_back(field, was, next);
  return next;
}

json without_status_of(const Kind& kind, const json& was, json wanted) {
  if (!kind.status) return wanted;
  wanted.erase("status");
  if (was.contains("status")) wanted["status"] = was["status"];
  return wanted;
}

void check_metadata(const std::string& words, const json& was, json& next) {
  for (const char* field : kImmutable) {
    const json before = was["metadata"].value(field, json());
    if (const json asked = next["metadata"].value(field, json()); asked.is_null() || asked == before) {
      put_back(field, was, next);
    } else {
      throw invalid(words + " is invalid: metadata." + field + ": field is immutable");
    }
  }
  if (!deleting(was)) return;
  const json before = was["metadata"].value("finalizers", json::array());
  const json after = next["metadata"].value("finalizers", json::array());
  for (const json& one : after) {
    if (std::find(before.begin(), before.end(), one) != before.end()) continue;
    throw invalid(words + " is invalid: metadata.finalizers: Forbidden: no new finalizers can be added");
  }
}

// How long a pod gets to end, by the pod itself and by who deletes it.
int grace_of(const json& pod, const std::optional<int>& asked) {
  const std::string phase = pod.value(json::json_pointer("/status/phase"), "");
  const bool bound = pod.contains(json::json_pointer("/spec/nodeName"));
  if (!bound || phase == "Succeeded" || phase == "Failed") return 0;
  return asked.value_or(pod["spec"].value("terminationGracePeriodSeconds", 30));
}

}  // namespace

std::string ApiModel::new_uid() {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "00000000-0000-4000-8000-%012llu", static_cast<unsigned long long>(++uids_));
  return text.data();
}

Object ApiModel::get(const Kind& kind, const ObjectKey& key) const {
  Object object = store_.find(kind, key);
  if (object == nullptr) throw not_found(name_in_words(kind, key.name));
  return object;
}

Object ApiModel::create(const Kind& kind, const std::string& ns, json object) {
  if (!object.is_object()) throw bad_request("the object is not a JSON object");
  if (object.value("apiVersion", kind.api_version()) != kind.api_version()) throw bad_request("another apiVersion");
  if (kind.custom() && !object.contains("kind")) throw bad_request("Object 'Kind' is missing");
  json& metadata = object["metadata"];
  if (metadata.value("namespace", ns) != ns) throw bad_request("the namespace of the object is not the request's");
  if (kind.namespaced && ns.empty()) throw bad_request("an empty namespace may not be set during creation");
  if (object.value("kind", kind.name) != kind.name) {
    throw kind.custom() ? invalid("kind: Invalid value") : bad_request("the object is of another kind");
  }
  if (!metadata.contains("name") && metadata.contains("generateName")) {
    metadata["name"] = metadata["generateName"].get<std::string>() + std::to_string(10'000 + ++names_);
  }
  if (!is_name_of(kind, metadata.value("name", ""))) throw invalid("metadata.name: Invalid value");
  if (metadata.contains("resourceVersion")) {
    throw Refusal{500, "", "resourceVersion should not be set on objects to be created"};
  }
  const ObjectKey key{kind.namespaced ? ns : "", metadata["name"].get<std::string>()};
  if (kind.namespaced && ended_namespaces_.contains(ns)) {
    throw Refusal{403, "Forbidden",
                  name_in_words(kind, key.name) + " is forbidden: unable to create new content in namespace " + ns +
                      " because it is being terminated"};
  }
  if (store_.find(kind, key) != nullptr) {
    throw Refusal{409, "AlreadyExists", name_in_words(kind, key.name) + " already exists"};
  }
  object["apiVersion"] = kind.api_version();
  object["kind"] = kind.name;
  if (kind.namespaced) metadata["namespace"] = ns;
  for (const char* field : {"deletionTimestamp", "deletionGracePeriodSeconds"}) metadata.erase(field);
  metadata["uid"] = new_uid();
  metadata["creationTimestamp"] = format_time(loop_.wall_now());
  if (kind.generation) metadata["generation"] = 1;
  if (kind.status) object.erase("status");
  if (is_pod(kind)) object["status"] = {{"phase", "Pending"}};
  tidy(kind, object);
  return store_.put(kind, key, std::move(object));
}

void ApiModel::end_namespace(const std::string& ns) {
  ended_namespaces_.insert(ns);
  for (const Kind& kind : all_kinds()) {
    if (!kind.namespaced) continue;
    for (const Object& object : store_.all(kind, ns)) {
      remove(kind, {ns, (*object)["metadata"]["name"].get<std::string>()}, {});
    }
  }
}

std::vector<std::string> ApiModel::in_namespace(const std::string& ns) const {
  std::vector<std::string> out;
  for (const Kind& kind : all_kinds()) {
    if (!kind.namespaced) continue;
    for (const Object& object : store_.all(kind, ns)) {
      out.push_back(kind.plural + "/" + (*object)["metadata"]["name"].get<std::string>());
    }
  }
  return out;
}

Object ApiModel::update(const Kind& kind, const ObjectKey& key, const json& object, const std::string& subresource) {
  check_identity(key, object);
  const Object old = store_.find(kind, key);
  if (old == nullptr &&
      (kind.plural == "events" || kind.plural == "leases")) {  // of which an update makes what is missing
    if (object["metadata"].contains("uid")) throw conflict(name_in_words(kind, key.name), "Precondition failed: UID");
    json made = object;
    made["metadata"].erase("resourceVersion");
    return create(kind, key.ns, std::move(made));
  }
  return replace(kind, key, get(kind, key), object, subresource, Write::update);
}

Object ApiModel::patch(const Kind& kind, const ObjectKey& key, PatchKind how, const json& patch,
                       const std::string& subresource, const std::string& manager) {
  if (how == PatchKind::apply) return apply(kind, key, patch, subresource, manager);
  const Object old = get(kind, key);
  const auto patched = how == PatchKind::merge       ? merge_patched
                       : how == PatchKind::strategic ? strategic_merged
                                                     : json_patched;
  return replace(kind, key, old, patched(*old, patch), subresource, Write::patch);
}

Object ApiModel::apply(const Kind& kind, const ObjectKey& key, const json& wanted, const std::string& subresource,
                       const std::string& manager) {
  const Object old = store_.find(kind, key);
  const json::json_pointer uid{"/metadata/uid"};
  if (old == nullptr) {
    if (!subresource.empty()) throw not_found(name_in_words(kind, key.name));
    if (wanted.contains(uid)) throw invalid("metadata.uid: Invalid value: field is immutable");
    json object = wanted;
    object["metadata"].erase("resourceVersion");
    Managers managers;
    managers.applied(json::object(), manager, wanted);
    const Object made = create(kind, key.ns, std::move(object));
    managers_[id_of(kind, key)] = std::move(managers);
    return made;
  }
  Managers managers;
  if (const auto known = managers_.find(id_of(kind, key)); known != managers_.end()) {
    managers = known->second;
  } else {
    managers.wrote(json::object(), *old);
  }
  json next = managers.applied(*old, manager, wanted);
  for (const char* field : {"resourceVersion", "uid"}) {
    if (wanted["metadata"].contains(field)) next["metadata"][field] = wanted["metadata"][field];
  }
  return replace(kind, key, old, std::move(next), subresource, Write::apply, &managers);
}

Object ApiModel::replace(const Kind& kind, const ObjectKey& key, const Object& old, json wanted,
                         const std::string& subresource, Write write, const Managers* managers) {
  check_identity(key, wanted);
  const std::string words = name_in_words(kind, key.name);
  const json& was = *old;
  const json& asked = wanted["metadata"];
  const std::string version = asked.value("resourceVersion", "");
  if (!version.empty() && was["metadata"]["resourceVersion"] != json(version)) {
    throw conflict(words,
                   "the object has been modified; please apply your changes to the latest version and try again");
  }
  if (write == Write::update) {
    if (const std::string uid = asked.value("uid", ""); !uid.empty() && was["metadata"]["uid"] != json(uid)) {
      throw conflict(words, "Precondition failed: UID in precondition: " + uid);
    }
    if (version.empty() && needs_version(kind)) {
      throw invalid("metadata.resourceVersion: Invalid value: 0: must be specified for an update");
    }
  }
  json next = subresource == "status" ? with_status_of(kind, was, wanted) : without_status_of(kind, was, wanted);
  check_metadata(words, was, next);
  for (const char* field : kIgnored) put_back(field, was, next);
  next["apiVersion"] = was["apiVersion"];
  next["kind"] = was["kind"];
  tidy(kind, next);
  if (subresource.empty()) {
    const bool changed = spec_differs(was, next);
    if (is_pod(kind) && changed) throw invalid(words + " is invalid: spec: Forbidden: pod updates may not change it");
    if (kind.plural == "controllerrevisions" && was["data"] != next["data"]) {
      throw invalid(words + " is invalid: data: field is immutable");
    }
    if (kind.generation && changed) next["metadata"]["generation"] = was["metadata"]["generation"].get<int>() + 1;
  }
  const bool last = deleting(next) && !has_finalizers(next) &&
                    next["metadata"].value("deletionGracePeriodSeconds", 0) == 0 && has_finalizers(was);
  if (last) {  // the answer is what would have been written, as of the version before
    erase(kind, key);
    return std::make_shared<const json>(std::move(next));
  }
  const auto known = managers_.find(id_of(kind, key));
  const bool managed = managers != nullptr && (known == managers_.end() || known->second != *managers);
  if (next == was && !managed) return old;
  return put(kind, key, std::move(next), managers);
}

Object ApiModel::put(const Kind& kind, const ObjectKey& key, json object, const Managers* managers) {
  if (managers != nullptr) {
    managers_[id_of(kind, key)] = *managers;
  } else if (const auto known = managers_.find(id_of(kind, key)); known != managers_.end()) {
    known->second.wrote(*store_.find(kind, key), object);
  }
  return store_.put(kind, key, std::move(object));
}

Object ApiModel::erase(const Kind& kind, const ObjectKey& key) {
  managers_.erase(id_of(kind, key));
  return store_.erase(kind, key);
}

Object ApiModel::remove(const Kind& kind, const ObjectKey& key, const Removal& removal) {
  const Object old = get(kind, key);
  const std::string words = name_in_words(kind, key.name);
  const json& was = (*old)["metadata"];
  if (!removal.uid.empty() && was["uid"] != json(removal.uid)) {
    throw conflict(words, "Precondition failed: UID in precondition: " + removal.uid);
  }
  if (!removal.resource_version.empty() && was["resourceVersion"] != json(removal.resource_version)) {
    throw conflict(words, "Precondition failed: ResourceVersion in precondition: " + removal.resource_version);
  }
  json next = *old;
  json& metadata = next["metadata"];
  int grace = is_pod(kind) ? grace_of(next, removal.grace_seconds) : 0;
  if (deleting(next)) {  // again: at most sooner than before, and only if somebody says so
    const int before = metadata.value("deletionGracePeriodSeconds", 0);
    const bool sooner = is_pod(kind) && removal.grace_seconds && *removal.grace_seconds < before;
    grace = sooner ? *removal.grace_seconds : before;
    if (sooner) {
      const WallTime end = parse_time(metadata["deletionTimestamp"].get<std::string>()).value();
      metadata["deletionTimestamp"] =
          format_time(std::max(loop_.wall_now(), end - std::chrono::seconds{before - grace}));
    }
  } else {
    metadata["deletionTimestamp"] = format_time(loop_.wall_now() + std::chrono::seconds{grace});
    if (const int generation = metadata.value("generation", 0); generation > 0) metadata["generation"] = generation + 1;
  }
  metadata["deletionGracePeriodSeconds"] = grace;
  const bool at_once = grace == 0 && !has_finalizers(next);
  if (at_once && !is_pod(kind)) return erase(kind, key);
  const Object left = next == *old ? old : put(kind, key, std::move(next));
  return at_once ? erase(kind, key) : left;
}

Object ApiModel::bind(const ObjectKey& key, const std::string& node) {
  const Kind& pods = kind_of("pods");
  json pod = *get(pods, key);
  if (deleting(pod)) throw conflict(name_in_words(pods, key.name), "the pod is being deleted");
  pod["spec"]["nodeName"] = node;
  pod["status"]["conditions"] = json::array({{{"type", "PodScheduled"}, {"status", "True"}}});
  return put(pods, key, std::move(pod));
}

void ApiModel::lag(const std::string& plural, std::optional<std::uint64_t> version) {
  lagging_.erase(plural);
  if (version) lagging_[plural] = *version;
}

std::uint64_t ApiModel::served(const Kind& kind) const {
  const auto at = lagging_.find(kind.plural);
  return at == lagging_.end() ? store_.version() : at->second;
}

void ApiModel::restore(std::uint64_t version, std::uint64_t bump) {
  store_.restore(version, bump == 0 ? version : store_.version() + bump);
  if (bump > 0) compact();
}

void ApiModel::compact() {
  compacted_ = store_.version();
  pages_.clear();
}

}  // namespace atelier::sim
