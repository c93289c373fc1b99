#include "simulated_kubelet.h"

#include <nlohmann/json.hpp>

#include "atelier/kube/request.h"
#include "render/labels.h"

namespace atelier::bench {
namespace {

using nlohmann::json;

constexpr const char* kDigest = "bench/ws@sha256:1111111111111111111111111111111111111111111111111111111111111111";

json ended(const char* name, const char* message) {
  return {{"name", name},
          {"image", kDigest},
          {"imageID", kDigest},
          {"ready", false},
          {"restartCount", 0},
          {"state",
           {{"terminated",
             {{"exitCode", 0},
              {"reason", "Completed"},
              {"startedAt", "2026-01-01T00:00:00Z"},
              {"finishedAt", "2026-01-01T00:00:01Z"},
              {"message", message}}}}}};
}

}  // namespace

SimulatedKubelet::SimulatedKubelet(kube::Store<reconcile::PodRecord>& pods, http::Port& port) : port_(port) {
  pods.on_change([this](const kube::Change<reconcile::PodRecord>& change) {
    if (change.now == nullptr) {
      calls_.erase(change.before->uid.value);
    } else if (!change.now->terminal() && !change.now->deleting && !calls_.contains(change.now->uid.value)) {
      complete(*change.now);
    }
  });
}

void SimulatedKubelet::complete(const reconcile::PodRecord& pod) {
  json status = {{"phase", "Succeeded"}};
  if (pod.component == render::kPublish) {
    status["initContainerStatuses"] = json::array({ended("stage", "")});
    status["containerStatuses"] = json::array({ended("publish", R"({"release": "r1", "files": 1, "bytes": 1})")});
  } else {
    status["containerStatuses"] = json::array({ended("task", "")});
  }
  auto request = kube::merge_patch(kube::kPods, pod.key(), {{"status", std::move(status)}}, "status");
  calls_[pod.uid.value] = port_.send(std::move(request), [](const Result<http::Response>&) {});
}

}  // namespace atelier::bench
