#include "registry/places.h"

#include <algorithm>

namespace atelier::registry {
namespace {

constexpr std::size_t kRemembered = 1'000;  // hosts

}  // namespace

void Places::wait(const std::string& host, Id id) {
  const auto at = hosts_.try_emplace(host).first;
  at->second.line.push_back(id);
  waiting_.emplace(id, at);
}

bool Places::may(const Host& host, SteadyTime now) const {
  return !host.line.empty() && host.held_until <= now && host.taken < kOfHost &&
         (host.trusted || untrusted_ < kOfUntrusted);
}

std::optional<Places::Id> Places::next(SteadyTime now) {
  if (taken_.size() >= kInAll || waiting_.empty()) return std::nullopt;
  const auto fits = [&](const auto& entry) { return may(entry.second, now); };
  const auto after = hosts_.upper_bound(last_);
  auto at = std::find_if(after, hosts_.end(), fits);
  if (at == hosts_.end()) {
    at = std::find_if(hosts_.begin(), after, fits);
    if (at == after) return std::nullopt;
  }
  Host& host = at->second;
  last_ = at->first;
  const Id id = host.line.front();
  host.line.pop_front();
  waiting_.erase(id);
  ++host.taken;
  if (!host.trusted) ++untrusted_;
  taken_.emplace(id, Taken{at, host.trusted, now});
  return id;
}

void Places::end(Id id, bool answered, SteadyTime now) {
  const auto at = taken_.find(id);
  if (at == taken_.end()) return;
  at->second.host->second.trusted = answered && now - at->second.since <= kQuick;
  leave(id);
  forget_idle(now);
}

void Places::leave(Id id) {
  if (const auto at = waiting_.find(id); at != waiting_.end()) {
    std::erase(at->second->second.line, id);
    waiting_.erase(at);
  }
  if (const auto at = taken_.find(id); at != taken_.end()) {
    --at->second.host->second.taken;
    if (!at->second.trusted) --untrusted_;
    taken_.erase(at);
  }
}

void Places::hold(const std::string& host, SteadyTime until) {
  SteadyTime& held = hosts_.try_emplace(host).first->second.held_until;
  held = std::max(held, until);
}

std::optional<SteadyTime> Places::released(SteadyTime now) const {
  std::optional<SteadyTime> first;
  for (const auto& [name, host] : hosts_) {
    if (host.line.empty() || host.held_until <= now) continue;
    if (!first || host.held_until < *first) first = host.held_until;
  }
  return first;
}

// Hosts are named by tenants, so their number has a bound; trust is what goes last.
void Places::forget_idle(SteadyTime now) {
  for (const bool trusted : {false, true}) {
    if (hosts_.size() <= kRemembered) return;
    std::erase_if(hosts_, [&](const auto& entry) {
      const Host& host = entry.second;
      return host.trusted == trusted && host.line.empty() && host.taken == 0 && host.held_until <= now;
    });
  }
}

}  // namespace atelier::registry
