// One client's http::Port over the simulated network.
#pragma once

#include <string>

#include "sim/network.h"

namespace atelier::sim {

class SimPort final : public http::Port {
 public:
  // `client` is for the trace. The network is borrowed and outlives the calls too.
  SimPort(Network& network, std::string client) : network_(network), client_(std::move(client)) {}

  std::unique_ptr<http::Call> send(http::Request request, std::function<void(Result<http::Response>)> done) override;
  std::unique_ptr<http::Call> stream(http::Request request, http::StreamHandler& handler) override;

 private:
  Network& network_;
  std::string client_;
};

}  // namespace atelier::sim
