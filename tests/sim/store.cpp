#include "sim/store.h"

#include <algorithm>

namespace atelier::sim {
namespace {

std::string collection(const Kind& kind) { return kind.group + "/" + kind.plural; }

}  // namespace

Object Store::find(const Kind& kind, const ObjectKey& key) const {
  const auto objects = objects_.find(collection(kind));
  if (objects == objects_.end()) return nullptr;
  const auto at = objects->second.find(key);
  return at == objects->second.end() ? nullptr : at->second;
}

std::vector<Object> Store::all(const Kind& kind, const std::string& ns) const {
  std::vector<Object> out;
  const auto objects = objects_.find(collection(kind));
  if (objects == objects_.end()) return out;
  for (const auto& [key, object] : objects->second) {
    if (ns.empty() || key.ns == ns) out.push_back(object);
  }
  return out;
}

std::vector<Object> Store::all_at(std::uint64_t version, const Kind& kind, const std::string& ns) const {
  if (version >= version_) return all(kind, ns);
  Objects then;
  for (std::size_t i = 0; i < after(version); ++i) {
    const Change& change = changes_[i];
    if (*change.kind == kind && (ns.empty() || change.key.ns == ns)) then[change.key] = change.after;
  }
  std::vector<Object> out;
  for (const auto& [key, object] : then) {
    if (object != nullptr) out.push_back(object);
  }
  return out;
}

bool Store::has_uid(const Kind& kind, const std::string& uid) const {
  const auto objects = objects_.find(collection(kind));
  return objects != objects_.end() && std::any_of(objects->second.begin(), objects->second.end(), [&](const auto& one) {
           return (*one.second)["metadata"]["uid"] == nlohmann::json(uid);
         });
}

Object Store::put(const Kind& kind, const ObjectKey& key, nlohmann::json object) {
  Object before = find(kind, key);
  return record(kind, key, std::move(before), std::move(object), false);
}

Object Store::erase(const Kind& kind, const ObjectKey& key) {
  Object before = find(kind, key);
  nlohmann::json last = *before;
  return record(kind, key, std::move(before), std::move(last), true);
}

void Store::restore(std::uint64_t version, std::uint64_t continue_at) {
  changes_.resize(after(version));
  version_ = continue_at;
  objects_.clear();
  for (const Change& change : changes_) {
    Objects& objects = objects_[collection(*change.kind)];
    if (change.after == nullptr) {
      objects.erase(change.key);
    } else {
      objects[change.key] = change.after;
    }
  }
}

Object Store::record(const Kind& kind, const ObjectKey& key, Object before, nlohmann::json object, bool deleted) {
  object["metadata"]["resourceVersion"] = std::to_string(++version_);
  const auto now = std::make_shared<const nlohmann::json>(std::move(object));
  Objects& objects = objects_[collection(kind)];
  if (deleted) {
    objects.erase(key);
  } else {
    objects[key] = now;
  }
  changes_.push_back({version_, &kind, key, std::move(before), deleted ? nullptr : now, now});
  const Change change = changes_.back();
  for (const auto& heard : heard_) heard(change);
  return now;
}

std::size_t Store::after(std::uint64_t version) const {
  const auto at = std::upper_bound(changes_.begin(), changes_.end(), version,
                                   [](std::uint64_t v, const Change& change) { return v < change.version; });
  return static_cast<std::size_t>(at - changes_.begin());
}

}  // namespace atelier::sim
