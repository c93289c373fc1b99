// A port that another one stands behind, for tests that are to see a network at its worst.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "atelier/http/port.h"

namespace atelier::testing {

class TamperingPort final : public http::Port {
 public:
  explicit TamperingPort(http::Port& port) : port_(port) {}

  // Every open stream ends as if the connection had broken. Not within a callback.
  void cut() {
    for (const auto& weak : std::exchange(streams_, {})) {
      const auto relay = weak.lock();
      if (!relay) continue;
      relay->call.reset();
      relay->handler.on_end(Error{Errc::transport, "cut by the test"});
    }
  }
  bool down = false;                              // streams that are opened meanwhile stay without an answer
  std::function<void(http::Request&)> on_stream;  // may change a stream's request
  std::vector<std::string> sent;                  // targets, in order
  std::vector<std::string> streamed;              // the same

  std::unique_ptr<http::Call> send(http::Request request, std::function<void(Result<http::Response>)> done) override {
    sent.push_back(request.target);
    return port_.send(std::move(request), std::move(done));
  }
  std::unique_ptr<http::Call> stream(http::Request request, http::StreamHandler& handler) override {
    if (on_stream) on_stream(request);
    streamed.push_back(request.target);
    auto relay = std::make_shared<Relay>(handler);
    streams_.push_back(relay);
    if (!down) relay->call = port_.stream(std::move(request), handler);
    return std::make_unique<Ticket>(std::move(relay));
  }

 private:
  struct Relay {
    explicit Relay(http::StreamHandler& handler_in) : handler(handler_in) {}
    http::StreamHandler& handler;
    std::unique_ptr<http::Call> call;
  };
  struct Ticket final : http::Call {
    explicit Ticket(std::shared_ptr<Relay> relay_in) : relay(std::move(relay_in)) {}
    std::shared_ptr<Relay> relay;
  };

  http::Port& port_;
  std::vector<std::weak_ptr<Relay>> streams_;
};

}  // namespace atelier::testing
