#include "atelier/kube/read_your_writes.h"

#include <algorithm>

namespace atelier::kube {
namespace {

// Of the object in an answer; empty for a Status and for what has none.
std::string answered_version(const nlohmann::json& answer) {
  const auto metadata = answer.is_object() ? answer.find("metadata") : answer.end();
  if (metadata == answer.end() || !metadata->is_object()) return {};
  const auto version = metadata->find("resourceVersion");
  return version != metadata->end() && version->is_string() ? version->get<std::string>() : std::string{};
}

}  // namespace

std::optional<std::string> ReadYourWrites::version_before(const Write& write) const {
  for (const Cache* cache : caches_) {
    if (cache->plural() != write.resource_plural) continue;
    if (auto version = cache->version_of(write.key)) return version;
  }
  return std::nullopt;
}

bool ReadYourWrites::wrote(const ObjectKey& owner, const Write& write, const nlohmann::json& answer,
                           const std::optional<std::string>& before, SteadyTime now) {
  std::string version = answered_version(answer);
  const bool deletes = write.request.method == http::Method::delete_;
  const bool reads = write.request.method == http::Method::get;
  if (!deletes && before == version) return false;
  if (!deletes && version.empty()) return !reads;  // a subresource that answers with a Status
  // The answer to a delete carries the version that was deleted, or none.
  if (deletes && (version.empty() || before == version)) version.clear();
  Pending pending{write.resource_plural, write.key, std::move(version), before, now + kLongest};
  if (!seen(pending)) pending_[owner].push_back(std::move(pending));
  return !reads;
}

// Several caches of one resource have different selectors: the object is in one of them.
bool ReadYourWrites::seen(const Pending& pending) const {
  bool cached = false;
  for (const Cache* cache : caches_) {
    if (cache->plural() != pending.plural) continue;
    cached = true;
    if (pending.version.empty()) {
      const auto version = cache->version_of(pending.key);
      if (version && version == pending.before) return false;
    } else if (cache->includes(pending.version, pending.key.ns)) {
      return true;
    }
  }
  return !cached || pending.version.empty();
}

bool ReadYourWrites::caught_up(const ObjectKey& owner, SteadyTime now) {
  const auto at = pending_.find(owner);
  if (at == pending_.end()) return true;
  std::erase_if(at->second, [&](const Pending& pending) { return now >= pending.until || seen(pending); });
  if (!at->second.empty()) return false;
  pending_.erase(at);
  return true;
}

std::optional<SteadyTime> ReadYourWrites::deadline(const ObjectKey& owner) const {
  const auto at = pending_.find(owner);
  if (at == pending_.end()) return std::nullopt;
  SteadyTime latest = SteadyTime::min();
  for (const Pending& pending : at->second) latest = std::max(latest, pending.until);
  return latest;
}

}  // namespace atelier::kube
