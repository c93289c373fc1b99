#include "registry/ports.h"

#include <algorithm>

namespace atelier::registry {

http::Port& Ports::take(const Origin& origin) {
  auto at = ports_.find(origin);
  if (at == ports_.end()) {
    make_room();
    at = ports_.emplace(origin, Entry{make_(origin)}).first;
  }
  ++at->second.users;
  return *at->second.port;
}

void Ports::give_back(const Origin& origin) {
  const auto at = ports_.find(origin);
  if (at == ports_.end() || --at->second.users > 0) return;
  at->second.idle_since = loop_.now();
  watch();
}

void Ports::make_room() {
  if (ports_.size() < kMost) return;
  auto oldest = ports_.end();
  for (auto at = ports_.begin(); at != ports_.end(); ++at) {
    if (at->second.users > 0) continue;
    if (oldest == ports_.end() || at->second.idle_since < oldest->second.idle_since) oldest = at;
  }
  if (oldest != ports_.end()) let_go(oldest);
}

void Ports::close_idle() {
  for (auto at = ports_.begin(); at != ports_.end();) {
    const auto next = std::next(at);
    if (at->second.users == 0 && loop_.now() - at->second.idle_since >= kIdle) let_go(at);
    at = next;
  }
  watch();
}

// A port must not end within one of its callbacks, from where we may have come.
void Ports::let_go(Entries::iterator at) {
  leaving_.push_back(std::move(at->second.port));
  ports_.erase(at);
  leave_ = loop_.after(Millis{0}, [this] { leaving_.clear(); });
}

void Ports::watch() {
  const bool any = std::any_of(ports_.begin(), ports_.end(), [](const auto& entry) { return entry.second.users == 0; });
  if (!any) {
    idle_.reset();
    return;
  }
  SteadyTime first = SteadyTime::max();
  for (const auto& [origin, entry] : ports_) {
    if (entry.users == 0) first = std::min(first, entry.idle_since + kIdle);
  }
  idle_ = loop_.at(first, [this] { close_idle(); });
}

}  // namespace atelier::registry
