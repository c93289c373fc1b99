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

// What only the server sets.
constexpr std::array kServerOwned{"name",
                                  "namespace",
                                  "uid",
                                  "resourceVersion",
                                  "generation",
                                  "creationTimestamp",
                                  "deletionTimestamp",
                                  "deletionGracePeriodSeconds",
                                  "generateName"};

bool is_pod(const Kind& kind) { return kind.plural == "pods"; }

bool has_finalizers(const json& object) {
  const json& metadata = object["metadata"];
  return metadata.contains("finalizers") && !metadata["finalizers"].empty();
}

bool deleting(const json& object) { return object["metadata"].contains("deletionTimestamp"); }

// Empty lists and maps of metadata are not kept, as Go's omitempty.
void tidy(json& object) {
  json& metadata = object["metadata"];
  for (const char* field : {"finalizers", "ownerReferences", "labels", "annotations"}) {
    if (metadata.contains(field) && (metadata[field].is_null() || metadata[field].empty())) metadata.erase(field);
  }
}

bool spec_differs(json one, json other) {
  for (json* object : {&one, &other}) {
    object->erase("metadata");
    object->erase("status");
  }
  return one != other;
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
  if (object.value("kind", kind.name) != kind.name) throw bad_request("the object is of another kind");
  if (object.value("apiVersion", kind.api_version()) != kind.api_version()) throw bad_request("another apiVersion");
  json& metadata = object["metadata"];
  if (metadata.contains("resourceVersion")) throw bad_request("resourceVersion should not be set");
  if (metadata.value("namespace", ns) != ns) throw bad_request("the namespace of the object is not the request's");
  if (kind.namespaced && ns.empty()) throw bad_request("an empty namespace may not be set during creation");
  if (!metadata.contains("name") && metadata.contains("generateName")) {
    metadata["name"] = metadata["generateName"].get<std::string>() + std::to_string(10'000 + ++names_);
  }
  if (metadata.value("name", "").empty()) throw invalid("metadata.name: Required value");
  const ObjectKey key{kind.namespaced ? ns : "", metadata["name"].get<std::string>()};
  if (store_.find(kind, key) != nullptr) {
    throw Refusal{409, "AlreadyExists", name_in_words(kind, key.name) + " already exists"};
  }
  object["apiVersion"] = kind.api_version();
  object["kind"] = kind.name;
  if (kind.namespaced) metadata["namespace"] = ns;
  for (const char* field : {"deletionTimestamp", "deletionGracePeriodSeconds", "generation"}) metadata.erase(field);
  metadata["uid"] = new_uid();
  metadata["creationTimestamp"] = format_time(loop_.wall_now());
  if (kind.generation) metadata["generation"] = 1;
  if (kind.status) object.erase("status");
  if (is_pod(kind)) object["status"] = {{"phase", "Pending"}};
  tidy(object);
  return store_.put(kind, key, std::move(object));
}

Object ApiModel::update(const Kind& kind, const ObjectKey& key, const json& object, const std::string& subresource) {
  return replace(kind, key, get(kind, key), object, subresource);
}

Object ApiModel::patch(const Kind& kind, const ObjectKey& key, PatchKind how, const json& patch,
                       const std::string& subresource, const std::string& manager) {
  const Object old = store_.find(kind, key);
  if (how == PatchKind::apply) {
    const std::string id = kind.group + "/" + kind.plural + "/" + key.to_string() + "/" + manager;
    if (old == nullptr) last_applied_.erase(id);
    const json before = std::exchange(last_applied_[id], patch);
    if (old == nullptr && subresource.empty()) return create(kind, key.ns, patch);
    return replace(kind, key, get(kind, key), applied(*get(kind, key), before, patch), subresource);
  }
  if (old == nullptr) throw not_found(name_in_words(kind, key.name));
  const auto patched = how == PatchKind::merge       ? merge_patched
                       : how == PatchKind::strategic ? strategic_merged
                                                     : json_patched;
  return replace(kind, key, old, patched(*old, patch), subresource);
}

Object ApiModel::replace(const Kind& kind, const ObjectKey& key, const Object& old, json wanted,
                         const std::string& subresource) {
  if (!wanted.is_object() || !wanted["metadata"].is_object()) throw bad_request("the object has no metadata");
  const std::string words = name_in_words(kind, key.name);
  const json& was = *old;
  const json& asked = wanted["metadata"];
  if (asked.value("name", key.name) != key.name) throw bad_request("the name of the object is not the request's");
  if (const std::string version = asked.value("resourceVersion", "");
      !version.empty() && was["metadata"]["resourceVersion"] != json(version)) {
    throw conflict(words,
                   "the object has been modified; please apply your changes to the latest version and try again");
  }
  if (const std::string uid = asked.value("uid", ""); !uid.empty() && was["metadata"]["uid"] != json(uid)) {
    throw conflict(words, "Precondition failed: UID in precondition: " + uid);
  }
  json next = was;
  if (subresource == "status") {
    next.erase("status");
    if (wanted.contains("status")) next["status"] = wanted["status"];
  } else {
    next = std::move(wanted);
    for (const char* field : kServerOwned) {
      next["metadata"].erase(field);
      if (was["metadata"].contains(field)) next["metadata"][field] = was["metadata"][field];
    }
    next["apiVersion"] = was["apiVersion"];
    next["kind"] = was["kind"];
    if (kind.status) {
      next.erase("status");
      if (was.contains("status")) next["status"] = was["status"];
    }
    tidy(next);
    const bool changed = spec_differs(was, next);
    if (is_pod(kind) && changed) throw invalid(words + " is invalid: spec: Forbidden: pod updates may not change it");
    if (deleting(was)) {
      const json before = was["metadata"].value("finalizers", json::array());
      for (const json& one : next["metadata"].value("finalizers", json::array())) {
        if (std::find(before.begin(), before.end(), one) != before.end()) continue;
        throw invalid(words + " is invalid: metadata.finalizers: Forbidden: no new finalizers can be added");
      }
    }
    if (kind.generation && changed) next["metadata"]["generation"] = was["metadata"]["generation"].get<int>() + 1;
  }
  const bool last = deleting(next) && !has_finalizers(next) &&
                    next["metadata"].value("deletionGracePeriodSeconds", 0) == 0 && has_finalizers(was);
  if (last) return store_.erase(kind, key);
  if (next == was) return old;
  return store_.put(kind, key, std::move(next));
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
  }
  if (grace == 0 && !has_finalizers(next)) return store_.erase(kind, key);
  if (!deleting(next)) {
    metadata["deletionTimestamp"] = format_time(loop_.wall_now() + std::chrono::seconds{grace});
    if (kind.generation) metadata["generation"] = metadata["generation"].get<int>() + 1;
  }
  metadata["deletionGracePeriodSeconds"] = grace;
  if (next == *old) return old;
  return store_.put(kind, key, std::move(next));
}

Object ApiModel::bind(const ObjectKey& key, const std::string& node) {
  const Kind& pods = kind_of("pods");
  json pod = *get(pods, key);
  if (deleting(pod)) throw conflict(name_in_words(pods, key.name), "the pod is being deleted");
  pod["spec"]["nodeName"] = node;
  pod["status"]["conditions"] = json::array({{{"type", "PodScheduled"}, {"status", "True"}}});
  return store_.put(pods, key, std::move(pod));
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
