#include "registry/authorizations.h"

#include <algorithm>

namespace atelier::registry {
namespace {

constexpr Millis kMargin{10'000};

}  // namespace

Authorizations::Place Authorizations::place_of(const Key& key) {
  // No user is called "", so nobody's place is not somebody's.
  const Credentials nobody;
  const Credentials& who = key.credentials ? *key.credentials : nobody;
  return {key.registry, key.name, who.username, who.password};
}

std::string Authorizations::get(const Key& key, SteadyTime now) const {
  const auto at = held_.find(place_of(key));
  return at == held_.end() || at->second.until <= now ? "" : at->second.header;
}

void Authorizations::put(const Key& key, std::string header, Millis lifetime, SteadyTime now) {
  std::erase_if(held_, [now](const auto& entry) { return entry.second.until <= now; });
  const SteadyTime until = now + lifetime - std::min(kMargin, lifetime / 4);
  if (until <= now) return;
  held_[place_of(key)] = {std::move(header), until};
}

void Authorizations::forget(const Key& key) { held_.erase(place_of(key)); }

void Authorizations::drop(const Key& key, const std::string& header) {
  const auto at = held_.find(place_of(key));
  if (at != held_.end() && at->second.header == header) held_.erase(at);
}

}  // namespace atelier::registry
