// Which image this process runs from: that of its pod's container, so that publish pods use atelier-stage of exactly
// this version and nobody has to name it twice.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "atelier/base/ids.h"
#include "atelier/base/loop.h"
#include "atelier/base/result.h"
#include "atelier/http/port.h"
#include "atelier/kube/backoff.h"

namespace atelier::app {

inline constexpr const char* kOperatorContainer = "operator";

// Asks until there is an answer. On one loop; destroying it ends the asking.
class OwnImage {
 public:
  // `port` and `loop` are borrowed. `done` is called once. Error: invalid, the pod has no such container.
  OwnImage(ObjectKey pod, http::Port& port, Loop& loop, Random& random, std::function<void(Result<std::string>)> done);

 private:
  void ask();
  void answered(const Result<http::Response>& response);

  ObjectKey pod_;
  http::Port& port_;
  Loop& loop_;
  kube::Backoff backoff_;
  std::function<void(Result<std::string>)> done_;
  std::unique_ptr<http::Call> call_;
  std::unique_ptr<Timer> again_;
};

}  // namespace atelier::app
