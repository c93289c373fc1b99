#include "sim/network.h"

#include <utility>

#include "sim/exchange.h"
#include "sim/sim_port.h"

namespace atelier::sim {
namespace {

bool is_write(const http::Request& request) { return request.method != http::Method::get; }
bool is_lease(const http::Request& request) { return request.target.find("/leases") != std::string::npos; }

}  // namespace

Network::Network(ApiModel& model, SimLoop& loop, std::uint64_t seed, NetworkTimes times)
    : model_(model), loop_(loop), random_(seed), times_(times) {
  model_.on_change([this](const Change&) { wake_all(); });
}

// Timers hold the exchanges, and exchanges the timers.
Network::~Network() {
  for (const auto& [id, exchange] : exchanges_) {
    exchange->timer.reset();
    exchange->timeout.reset();
    exchange->bookmark.reset();
  }
}

std::unique_ptr<http::Call> SimPort::send(http::Request request, std::function<void(Result<http::Response>)> done) {
  auto exchange = std::make_shared<Network::Exchange>();
  exchange->client = client_;
  exchange->request = std::move(request);
  exchange->done = std::move(done);
  return network_.begin(std::move(exchange));
}

std::unique_ptr<http::Call> SimPort::stream(http::Request request, http::StreamHandler& handler) {
  auto exchange = std::make_shared<Network::Exchange>();
  exchange->client = client_;
  exchange->request = std::move(request);
  exchange->handler = &handler;
  return network_.begin(std::move(exchange));
}

std::unique_ptr<http::Call> Network::begin(std::shared_ptr<Exchange> exchange) {
  exchange->id = ++next_id_;
  exchanges_[exchange->id] = exchange;
  exchange->timer = loop_.after(latency(), [this, exchange] { arrive(exchange, true); });
  if (exchange->done && exchange->request.timeout.count() > 0) {
    exchange->timeout = loop_.after(exchange->request.timeout, [exchange] {
      if (exchange->done) std::exchange(exchange->done, nullptr)(Error{Errc::transport, "the request timed out"});
    });
  }
  return std::make_unique<Ticket>(exchange);
}

void Network::arrive(const std::shared_ptr<Exchange>& exchange, bool asked) {
  exchange->timer.reset();
  const http::Request& request = exchange->request;
  const bool write = is_write(request);
  const bool orphan = exchange->cancelled && asked;
  if (orphan && (!write || !random_.chance(orphans_))) {
    if (write) say(*exchange, "lost with its client");
    exchange->timeout.reset();
    exchanges_.erase(exchange->id);
    return;
  }
  const bool counted = write && !is_lease(request);
  if (exchange->handler != nullptr) {
    ++watches_;
  } else if (!write && !is_lease(request)) {
    ++reads_;
  }
  if (write && !counted) ++lease_writes_;
  if (counted && asked) ++writes_;
  const std::size_t index = writes_;
  const bool hooked = counted && asked && hook_ && !orphan;
  const std::string number = counted ? " (write " + std::to_string(index) + ")" : "";
  const auto hold_up = [&] {
    say(*exchange, "held up" + number);
    exchange->timer = loop_.after(times_.late, [this, exchange] { arrive(exchange, false); });
  };
  if (asked && cuts_.contains(exchange->client)) {
    if (counted) return hold_up();
    say(*exchange, "cut off");
    const Error cut_off{Errc::transport, "no route to host"};
    return exchange->handler != nullptr ? end(exchange, cut_off) : answer(exchange, cut_off);
  }
  const auto error = [&](Phase phase) { return asked && errors_ ? errors_(request, phase) : std::nullopt; };
  if (auto instead = error(Phase::before)) {
    say(*exchange, std::to_string(instead->status) + number + " not performed");
    if (exchange->handler != nullptr) return refuse(exchange, *instead);
    return answer(exchange, std::move(*instead));
  }
  if (exchange->handler != nullptr) return open(exchange);
  const Fate before = hooked ? hook_(request, index, Phase::before) : Fate::deliver;
  if (before == Fate::lose) {
    say(*exchange, "lost" + number);
    return answer(exchange, Error{Errc::transport, "the connection was reset"});
  }
  if (before == Fate::late) return hold_up();
  http::Response response = model_.handle(request);
  const bool refused = response.status >= 300;
  say(*exchange, std::to_string(response.status) + number + (asked ? "" : " late") +
                     (refused ? " " + response.body.substr(0, 300) : ""));
  if (auto instead = error(Phase::after)) {
    say(*exchange, "told " + std::to_string(instead->status) + number);
    return answer(exchange, std::move(*instead));
  }
  const Fate after = hooked ? hook_(request, index, Phase::after) : Fate::deliver;
  if (after == Fate::lose) return answer(exchange, Error{Errc::transport, "the connection was reset"});
  answer(exchange, std::move(response));
}

void Network::answer(const std::shared_ptr<Exchange>& exchange, Result<http::Response> response) {
  exchange->timer = loop_.after(latency(), [this, exchange, response = std::move(response)] {
    exchange->timeout.reset();
    exchanges_.erase(exchange->id);
    if (exchange->done) std::exchange(exchange->done, nullptr)(response);
  });
}

void Network::say(const Exchange& exchange, const std::string& outcome) {
  if (!trace_) return;
  std::string line = exchange.client + " " + std::string(http::to_string(exchange.request.method)) + " " +
                     exchange.request.target + " -> " + outcome;
  if (is_write(exchange.request) && !is_lease(exchange.request)) {
    line += "\n      " + exchange.request.body.substr(0, 600);
  }
  trace_(std::move(line));
}

}  // namespace atelier::sim
