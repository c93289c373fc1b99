#include "reconcile/live_reads.h"

#include "atelier/kube/request.h"
#include "atelier/meta/resource_version.h"

namespace atelier::reconcile {

using nlohmann::json;

void LiveReads::learn(const kube::Feedback& feedback) {
  for (const auto& [id, answer] : feedback.results) {
    if (!id.starts_with("read ")) continue;
    if (answer) {
      const std::string version = answer.value().value(json::json_pointer("/metadata/resourceVersion"), "");
      if (!version.empty()) seen_[id] = version;
    } else if (answer.error().code == Errc::not_found) {
      seen_[id] = "";
    }
  }
}

bool LiveReads::fresh(kube::Plan& plan, const kube::Resource& resource, const ObjectKey& key,
                      const std::string& cached) {
  const std::string id = "read " + resource.plural + "/" + key.name;
  if (const auto seen = seen_.find(id); seen != seen_.end()) {
    if (seen->second.empty() && cached.empty()) return true;
    const auto order = meta::compare_resource_versions(cached, seen->second);
    if (order && *order != std::strong_ordering::less) return true;
    seen_.erase(seen);  // it may have been made or deleted since
  }
  plan.writes.push_back({id, kube::get(resource, key), resource.plural, key});
  return false;
}

bool says_gone(const Result<json>& answer, const Uid& run) {
  if (!answer) return answer.error().code == Errc::not_found;
  const std::string uid = answer.value().value(json::json_pointer("/metadata/uid"), "");
  return !uid.empty() && uid != run.value;
}

}  // namespace atelier::reconcile
