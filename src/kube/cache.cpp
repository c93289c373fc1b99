#include "atelier/kube/cache.h"

#include "atelier/meta/resource_version.h"

namespace atelier::kube {

void Cache::divide(const std::vector<std::string>& namespaces) {
  divided_ = true;
  parts_.clear();
  for (const std::string& ns : namespaces) parts_.try_emplace(ns);
}

const Cache::Part* Cache::part(std::string_view ns) const {
  const auto at = parts_.find(divided_ ? ns : std::string_view{});
  return at == parts_.end() ? nullptr : &at->second;
}

Cache::Part& Cache::part_of(std::string_view ns) { return parts_.find(divided_ ? ns : std::string_view{})->second; }

std::optional<std::string_view> Cache::only(std::string_view ns) const {
  return divided_ ? std::optional{ns} : std::nullopt;
}

std::string part_words(const std::string& plural, const std::string& ns) {
  return ns.empty() ? plural : plural + " in " + ns;
}

std::vector<std::string> Cache::unlisted() const {
  std::vector<std::string> out;
  for (const auto& [ns, part] : parts_) {
    if (!part.synced) out.push_back(part_words(plural_, ns));
  }
  return out;
}

bool Cache::includes(const std::string& version, std::string_view ns) const {
  const Part* held = part(ns);
  if (held == nullptr) return true;
  if (!held->synced) return false;
  const auto order = meta::compare_resource_versions(held->resource_version, version);
  return !order || *order >= 0;
}

void Cache::tell_behind(std::string_view ns) {
  const Part* held = part(ns);
  if (held != nullptr && held->behind) held->behind();
}

void Cache::on_behind(std::string_view ns, std::function<void()> listener) { part_of(ns).behind = std::move(listener); }

void Cache::begin_list(std::string_view ns) { forget_staged(only(ns)); }

void Cache::stage(const Identity& identity, std::string_view object) { stage_object(identity, object); }

void Cache::stage(const WatchEvent& event) {
  if (event.type == EventType::deleted) return unstage_object(event.identity.key);
  stage_object(event.identity, event.object);
}

void Cache::commit_list(const std::string& resource_version, std::string_view ns) {
  Part& part = part_of(ns);
  const bool initial = !part.synced;
  part.synced = true;
  part.resource_version = resource_version;  // before the handlers run: they may ask
  swap_staged(only(ns), initial);
  advance(part, resource_version);
}

void Cache::apply(const WatchEvent& event, std::string_view ns) {
  Part& part = part_of(ns);
  part.resource_version = event.identity.resource_version;
  switch (event.type) {
    case EventType::added:
    case EventType::modified:
      put(event.identity, event.object);
      break;
    case EventType::deleted:
      remove(event.identity.key);
      break;
    case EventType::bookmark:
    case EventType::error:
      break;
  }
  advance(part, event.identity.resource_version);
}

void Cache::advance(Part& part, const std::string& resource_version) {
  part.resource_version = resource_version;
  for (std::size_t i = 0; i < progress_.size(); ++i) progress_[i]();
}

}  // namespace atelier::kube
