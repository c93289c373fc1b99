#include "app/own_image.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "atelier/base/log.h"
#include "atelier/kube/request.h"
#include "atelier/kube/status_error.h"

namespace atelier::app {
namespace {

using nlohmann::json;

const kube::Resource kPods{"", "v1", "pods", true};

std::string image_in(const json& pod) {
  const json* containers = &pod;
  for (const char* field : {"spec", "containers"}) {
    const auto at = containers->is_object() ? containers->find(field) : containers->end();
    if (at == containers->end()) return "";
    containers = &*at;
  }
  if (!containers->is_array()) return "";
  for (const json& one : *containers) {
    if (one.is_object() && one.value("name", json()) == kOperatorContainer) {
      const json image = one.value("image", json());
      return image.is_string() ? image.get<std::string>() : "";
    }
  }
  return "";
}

}  // namespace

OwnImage::OwnImage(ObjectKey pod, http::Port& port, Loop& loop, Random& random,
                   std::function<void(Result<std::string>)> done)
    : pod_(std::move(pod)), port_(port), loop_(loop), backoff_(random), done_(std::move(done)) {
  ask();
}

void OwnImage::ask() {
  call_ = port_.send(kube::get(kPods, pod_), [this](const Result<http::Response>& response) { answered(response); });
}

void OwnImage::answered(const Result<http::Response>& response) {
  const auto pod = kube::answer_of(response);
  if (pod) {
    const std::string image = image_in(pod.value());
    if (!image.empty()) return done_(image);
    return done_(Error{Errc::invalid, "the pod " + pod_.ns + "/" + pod_.name + " has no container named \"" +
                                          kOperatorContainer + "\" with an image"});
  }
  log::warn("the own pod cannot be read, to learn the image of publish pods",
            {{"pod", pod_.ns + "/" + pod_.name}, {"error", pod.error().message}});
  again_ = loop_.after(backoff_.next(loop_.now()), [this] { ask(); });
}

}  // namespace atelier::app
