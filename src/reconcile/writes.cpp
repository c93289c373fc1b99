#include "reconcile/writes.h"

#include <algorithm>

namespace atelier::reconcile {

kube::Write create_pod(const nlohmann::json& pod) {
  const ObjectKey key{pod["metadata"]["namespace"].get<std::string>(), pod["metadata"]["name"].get<std::string>()};
  return {"create pod " + key.name, kube::create(kube::kPods, key.ns, pod), "pods", key};
}

kube::Write delete_pod(const ObjectKey& key, const Uid& uid) {
  kube::DeleteOptions options;
  options.uid = uid;
  return {"delete pod " + key.name, kube::delete_(kube::kPods, key, options), "pods", key};
}

std::optional<Millis> wait_until(const std::optional<WallTime>& at, WallTime now) {
  if (!at) return std::nullopt;
  // A millisecond more, so that the instant has come when the timer fires.
  return std::max(Millis{0}, std::chrono::duration_cast<Millis>(*at - now) + Millis{1});
}

}  // namespace atelier::reconcile
