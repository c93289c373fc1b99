// Whether the API server serves this process, as the answers to all its requests tell. Who waits because it did not,
// need not wait to the end once another request was answered.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "atelier/http/port.h"

namespace atelier::kube {

class Reachability {
 public:
  using Listener = std::shared_ptr<const std::function<void()>>;

  // `served` is called after each answer of the API server that is a success, as long as the listener is held. It may
  // not destroy this.
  [[nodiscard]] Listener listen(std::function<void()> served);
  void answered(int status);

 private:
  std::vector<std::weak_ptr<const std::function<void()>>> listeners_;
};

// A port that tells it what is answered. Both are borrowed, by the calls too.
class ReachabilityPort final : public http::Port {
 public:
  ReachabilityPort(http::Port& port, Reachability& reachability) : port_(port), reachability_(reachability) {}

  std::unique_ptr<http::Call> send(http::Request request, std::function<void(Result<http::Response>)> done) override;
  std::unique_ptr<http::Call> stream(http::Request request, http::StreamHandler& handler) override;

 private:
  class Stream;

  http::Port& port_;
  Reachability& reachability_;
};

}  // namespace atelier::kube
