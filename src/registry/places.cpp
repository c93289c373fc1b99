#include "registry/places.h"

#include <algorithm>
#include <utility>

namespace atelier::registry {
namespace {

constexpr std::size_t kHosts = 100;         // without a poll, remembered for a namespace
constexpr std::size_t kNamespaces = 1'000;  // that are remembered
constexpr std::size_t kHolds = 1'000;

}  // namespace

void Places::wait(const Target& target, const std::set<std::string>& namespaces, Id id) {
  waiting_.emplace(id, Waiting{target, namespaces});
  for (const std::string& name : namespaces) line_up(target, name, id);
}

void Places::join(Id id, const std::string& name) {
  const auto at = waiting_.find(id);
  if (at != waiting_.end() && at->second.namespaces.insert(name).second) line_up(at->second.target, name, id);
}

void Places::part(Id id, const std::string& name) {
  const auto at = waiting_.find(id);
  if (at != waiting_.end() && at->second.namespaces.erase(name) > 0) step_out(at->second.target, name, id);
}

// Whoever is new comes after all who are there.
void Places::line_up(const Target& target, const std::string& name, Id id) {
  Namespace& whose = namespaces_.try_emplace(name, Namespace{++turns_}).first->second;
  whose.lines.try_emplace(target, Line{++turns_}).first->second.waiting.push_back(id);
}

void Places::step_out(const Target& target, const std::string& name, Id id) {
  Namespace& whose = namespaces_.at(name);
  std::erase(whose.lines.at(target).waiting, id);
  forget_idle(whose);
}

bool Places::may(const Namespace& whose, const Lines::value_type& line, SteadyTime now) const {
  const auto& [target, of] = line;
  if (of.waiting.empty() || held_until(target) > now) return false;
  const auto at = at_host_.find(target.host);
  if (at != at_host_.end() && at->second >= kOfHost) return false;
  return of.trusted || (untrusted_ < kUntrusted && whose.untrusted < kUntrustedOfNamespace);
}

Places::Lines::iterator Places::next_of(Namespace& whose, SteadyTime now) const {
  auto first = whose.lines.end();
  if (whose.taken >= kOfNamespace) return first;
  for (auto at = whose.lines.begin(); at != whose.lines.end(); ++at) {
    const bool sooner = first == whose.lines.end() || at->second.turn < first->second.turn;
    if (sooner && may(whose, *at, now)) first = at;
  }
  return first;
}

std::optional<Places::Id> Places::next(SteadyTime now) {
  if (taken_.size() >= kInAll || waiting_.empty()) return std::nullopt;
  auto first = namespaces_.end();
  Lines::iterator line;
  for (auto at = namespaces_.begin(); at != namespaces_.end(); ++at) {
    if (first != namespaces_.end() && first->second.turn < at->second.turn) continue;
    const auto found = next_of(at->second, now);
    if (found == at->second.lines.end()) continue;
    first = at;
    line = found;
  }
  if (first == namespaces_.end()) return std::nullopt;
  const Id id = line->second.waiting.front();
  take(first->first, first->second, line, now);
  return id;
}

void Places::take(const std::string& name, Namespace& whose, Lines::iterator line, SteadyTime now) {
  auto& [target, of] = *line;
  const Id id = of.waiting.front();
  whose.turn = ++turns_;
  of.turn = turns_;
  ++whose.taken;
  ++of.taken;
  ++at_host_[target.host];
  if (!of.trusted) {
    ++whose.untrusted;
    ++untrusted_;
  }
  taken_.emplace(id, Taken{name, target, of.trusted, now});
  const Waiting was = std::move(waiting_.extract(id).mapped());
  for (const std::string& other : was.namespaces) step_out(was.target, other, id);
}

void Places::end(Id id, bool answered, SteadyTime now) {
  const auto at = taken_.find(id);
  if (at == taken_.end()) return;
  Line& line = namespaces_.at(at->second.name).lines.at(at->second.target);
  line.trusted = answered && now - at->second.since <= kQuick;
  leave(id);
  forget_idle(now);
}

void Places::leave(Id id) {
  if (auto node = waiting_.extract(id)) {
    for (const std::string& name : node.mapped().namespaces) step_out(node.mapped().target, name, id);
  }
  if (auto node = taken_.extract(id)) {
    const Taken& was = node.mapped();
    Namespace& whose = namespaces_.at(was.name);
    --whose.lines.at(was.target).taken;
    --whose.taken;
    if (!was.trusted) {
      --whose.untrusted;
      --untrusted_;
    }
    const auto host = at_host_.find(was.target.host);
    if (--host->second == 0) at_host_.erase(host);
    forget_idle(whose);
  }
}

void Places::hold(const Target& target, SteadyTime until) {
  SteadyTime& held = held_.try_emplace(target, until).first->second;
  held = std::max(held, until);
}

SteadyTime Places::held_until(const Target& target) const {
  SteadyTime until{};
  for (const Target& held : {target, Target{target.host, ""}}) {
    if (const auto at = held_.find(held); at != held_.end()) until = std::max(until, at->second);
  }
  return until;
}

std::optional<SteadyTime> Places::released(SteadyTime now) const {
  std::optional<SteadyTime> first;
  for (const auto& [id, waiting] : waiting_) {
    const SteadyTime until = held_until(waiting.target);
    if (until > now && (!first || until < *first)) first = until;
  }
  return first;
}

std::size_t Places::remembered() const {
  std::size_t count = 0;
  for (const auto& [name, whose] : namespaces_) count += whose.lines.size();
  return count;
}

bool Places::is_idle(const Lines::value_type& line) { return line.second.waiting.empty() && line.second.taken == 0; }

// Hosts are named by tenants, so the number of those that nobody asks has a bound; trust is what goes last.
void Places::forget_idle(Namespace& whose) {
  for (const bool trusted : {false, true}) {
    if (whose.lines.size() <= kHosts) return;
    const auto idle = std::count_if(whose.lines.begin(), whose.lines.end(), is_idle);
    if (static_cast<std::size_t>(idle) <= kHosts) return;
    std::erase_if(whose.lines, [&](const auto& entry) { return entry.second.trusted == trusted && is_idle(entry); });
  }
}

void Places::forget_idle(SteadyTime now) {
  std::erase_if(held_, [now](const auto& entry) { return entry.second <= now; });
  const auto sooner = [](const auto& a, const auto& b) { return a.second < b.second; };
  while (held_.size() > kHolds) held_.erase(std::min_element(held_.begin(), held_.end(), sooner));
  if (namespaces_.size() <= kNamespaces) return;
  std::erase_if(namespaces_, [](const auto& entry) {
    const Lines& lines = entry.second.lines;
    return std::all_of(lines.begin(), lines.end(), is_idle);
  });
}

}  // namespace atelier::registry
