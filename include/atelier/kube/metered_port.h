// A port that counts and times what goes through another one.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "atelier/base/loop.h"
#include "atelier/http/port.h"
#include "atelier/kube/metrics.h"

namespace atelier::kube {

// A request is counted when it was answered or failed, a stream when its head is there or it failed before; one that
// was cancelled, or that never left because it might not be sent, is not. Time in the port's own queue counts too.
class MeteredPort final : public http::Port {
 public:
  // References are borrowed, by the calls too. Host and port of `server_url` become a label.
  MeteredPort(http::Port& port, std::string_view server_url, Loop& loop, Metrics& metrics);

  std::unique_ptr<http::Call> send(http::Request request, std::function<void(Result<http::Response>)> done) override;
  std::unique_ptr<http::Call> stream(http::Request request, http::StreamHandler& handler) override;

 private:
  struct Meter;
  class Stream;

  Meter begin(const http::Request& request, bool is_stream) const;

  http::Port& port_;
  std::string host_;
  Loop& loop_;
  Metrics& metrics_;
};

}  // namespace atelier::kube
