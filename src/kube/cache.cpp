#include "atelier/kube/cache.h"

#include "atelier/meta/resource_version.h"

namespace atelier::kube {

bool Cache::includes(const std::string& version) const {
  if (!synced_) return false;
  const auto order = meta::compare_resource_versions(resource_version_, version);
  return !order || *order >= 0;
}

void Cache::begin_list() { forget_staged(); }

void Cache::stage(const Identity& identity, std::string_view object) { stage_object(identity, object); }

void Cache::stage(const WatchEvent& event) {
  if (event.type == EventType::deleted) return unstage_object(event.identity.key);
  stage_object(event.identity, event.object);
}

void Cache::commit_list(const std::string& resource_version) {
  const bool initial = !synced_;
  synced_ = true;
  resource_version_ = resource_version;  // before the handlers run: they may ask
  swap_staged(initial);
  advance(resource_version);
}

void Cache::apply(const WatchEvent& event) {
  resource_version_ = event.identity.resource_version;
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
  advance(event.identity.resource_version);
}

void Cache::advance(const std::string& resource_version) {
  resource_version_ = resource_version;
  for (std::size_t i = 0; i < progress_.size(); ++i) progress_[i]();
}

}  // namespace atelier::kube
