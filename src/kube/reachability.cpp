#include "atelier/kube/reachability.h"

#include <utility>

namespace atelier::kube {

Reachability::Listener Reachability::listen(std::function<void()> served) {
  auto listener = std::make_shared<const std::function<void()>>(std::move(served));
  listeners_.push_back(listener);
  return listener;
}

void Reachability::answered(int status) {
  if (status < 200 || status >= 300) return;
  std::erase_if(listeners_, [](const auto& one) { return one.expired(); });
  const auto listeners = listeners_;
  for (const auto& one : listeners) {
    if (const Listener listener = one.lock()) (*listener)();
  }
}

// Both the handler that the inner port knows and the call that the caller holds.
class ReachabilityPort::Stream final : public http::Call, private http::StreamHandler {
 public:
  Stream(Reachability& reachability, http::StreamHandler& handler) : reachability_(reachability), handler_(handler) {}

  void open(http::Port& port, http::Request request) { call_ = port.stream(std::move(request), *this); }

 private:
  void on_head(int status, const http::Headers& headers) override {
    reachability_.answered(status);
    handler_.on_head(status, headers);
  }
  void on_data(std::string_view data) override { handler_.on_data(data); }
  void on_end(Result<void> result) override { handler_.on_end(std::move(result)); }

  Reachability& reachability_;
  http::StreamHandler& handler_;
  std::unique_ptr<http::Call> call_;
};

std::unique_ptr<http::Call> ReachabilityPort::send(http::Request request,
                                                   std::function<void(Result<http::Response>)> done) {
  return port_.send(std::move(request),
                    [&reachability = reachability_, done = std::move(done)](Result<http::Response> response) {
                      if (response) reachability.answered(response.value().status);
                      done(std::move(response));
                    });
}

std::unique_ptr<http::Call> ReachabilityPort::stream(http::Request request, http::StreamHandler& handler) {
  auto stream = std::make_unique<Stream>(reachability_, handler);
  stream->open(port_, std::move(request));
  return stream;
}

}  // namespace atelier::kube
