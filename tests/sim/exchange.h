// A request under way. Private to the network.
#pragma once

#include <optional>

#include "sim/network.h"
#include "sim/selector.h"

namespace atelier::sim {

struct Network::Exchange {
  std::size_t id = 0;
  std::string client;
  http::Request request;
  std::function<void(Result<http::Response>)> done;
  http::StreamHandler* handler = nullptr;
  bool cancelled = false;
  std::unique_ptr<Timer> timer;
  std::unique_ptr<Timer> timeout;

  // Of an open watch:
  Target target;
  std::optional<Selector> selector;
  std::size_t cursor = 0;     // the next change to look at
  std::uint64_t version = 0;  // from which it was opened, or of the objects it began with
  bool beginning = false;     // the bookmark after those objects was not sent
  std::unique_ptr<Timer> bookmark;
};

// The client's hold on it; what it does not hear any more may still happen.
class Network::Ticket final : public http::Call {
 public:
  explicit Ticket(std::shared_ptr<Exchange> exchange) : exchange_(std::move(exchange)) {}
  ~Ticket() override {
    exchange_->cancelled = true;
    exchange_->done = nullptr;
    exchange_->handler = nullptr;
  }

 private:
  std::shared_ptr<Exchange> exchange_;
};

}  // namespace atelier::sim
