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

bool is_marked(const nlohmann::json& answer) {
  return answer.contains(nlohmann::json::json_pointer("/metadata/deletionTimestamp"));
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
  if (!deletes && version.empty()) return !reads;                       // a subresource that answers with a Status
  if (deletes && before == version && is_marked(answer)) return false;  // it ends already
  // The answer to a delete carries the version that was deleted, or none.
  if (deletes && (version.empty() || before == version)) version.clear();
  Pending pending{write.resource_plural, write.key, std::move(version), before, now + kBehind, now + kLongest};
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

void ReadYourWrites::tell_behind(const Pending& pending) const {
  for (Cache* cache : caches_) {
    if (cache->plural() == pending.plural) cache->tell_behind(pending.key.ns);
  }
}

bool ReadYourWrites::caught_up(const ObjectKey& owner, SteadyTime now) {
  const auto at = pending_.find(owner);
  if (at == pending_.end()) return true;
  std::erase_if(at->second, [&](const Pending& pending) { return now >= pending.until || seen(pending); });
  for (Pending& pending : at->second) {
    if (now < pending.behind) continue;
    pending.behind = now + kBehind;
    tell_behind(pending);
  }
  if (!at->second.empty()) return false;
  pending_.erase(at);
  return true;
}

std::optional<SteadyTime> ReadYourWrites::ask_again(const ObjectKey& owner) const {
  const auto at = pending_.find(owner);
  if (at == pending_.end()) return std::nullopt;
  SteadyTime next = SteadyTime::max();
  for (const Pending& pending : at->second) next = std::min({next, pending.behind, pending.until});
  return next;
}

}  // namespace atelier::kube
