#include "reconcile/writes.h"

#include <algorithm>

#include "render/labels.h"

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

kube::Write release_pod(const PodRecord& pod) {
  using nlohmann::json;
  const std::string path = "/metadata/finalizers/" + std::to_string(pod.result_finalizer);
  const json operations = json::array({{{"op", "test"}, {"path", "/metadata/uid"}, {"value", pod.uid.value}},
                                       {{"op", "test"}, {"path", path}, {"value", render::kResultFinalizer}},
                                       {{"op", "remove"}, {"path", path}}});
  return {"release pod " + pod.name, kube::json_patch(kube::kPods, pod.key(), operations), "pods", pod.key()};
}

std::optional<Millis> wait_until(const std::optional<WallTime>& at, WallTime now) {
  if (!at) return std::nullopt;
  // A millisecond more, so that the instant has come when the timer fires.
  return std::max(Millis{0}, std::chrono::duration_cast<Millis>(*at - now) + Millis{1});
}

}  // namespace atelier::reconcile
