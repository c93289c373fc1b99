#include "support/fault_proxy.h"

#include <algorithm>

#include "support/fault_proxy_client.h"

namespace atelier::testing {

using boost::asio::ip::tcp;

FaultProxy::FaultProxy(http::AsioLoop& loop, const http::Endpoint& server, Face face, unsigned short port)
    : io_(loop.context()),
      state_(std::make_shared<ProxyState>(loop, loop.context(), server)),
      certificate_(face == Face::tls ? std::make_unique<OwnCertificate>() : nullptr),
      port_(port),
      acceptor_(io_) {
  listen();
}

FaultProxy::~FaultProxy() {
  refuse();
  cut_all(Ending::reset);
  state_->late.clear();
}

const std::string& FaultProxy::ca_pem() const {
  static const std::string kNone;
  return certificate_ ? certificate_->ca_pem : kNone;
}

http::Endpoint FaultProxy::endpoint() const {
  http::Endpoint endpoint;
  endpoint.base_url = (certificate_ ? "https" : "http") + ("://127.0.0.1:" + std::to_string(port_));
  endpoint.ca_pem = ca_pem();
  return endpoint;
}

void FaultProxy::listen() {
  if (acceptor_.is_open()) return;
  const tcp::endpoint here{boost::asio::ip::address_v4::loopback(), port_};
  acceptor_.open(here.protocol());
  acceptor_.set_option(tcp::acceptor::reuse_address(true));
  acceptor_.bind(here);
  acceptor_.listen();
  port_ = acceptor_.local_endpoint().port();
  accept();
}

void FaultProxy::refuse() {
  boost::system::error_code ignored;
  static_cast<void>(acceptor_.close(ignored));
}

void FaultProxy::accept() {
  acceptor_.async_accept([this](boost::system::error_code error, tcp::socket socket) {
    if (error) return;  // closed, and this may be gone
    std::erase_if(clients_, [](const auto& weak) { return weak.expired(); });
    const auto stream =
        std::make_shared<WireStream>(std::move(socket), certificate_ ? &certificate_->context : nullptr);
    const auto client = std::make_shared<ClientConnection>(state_, stream);
    clients_.push_back(client);
    client->start();
    accept();
  });
}

std::vector<std::shared_ptr<ClientConnection>> FaultProxy::clients() {
  std::vector<std::shared_ptr<ClientConnection>> open;
  for (const auto& weak : clients_) {
    if (auto client = weak.lock(); client && client->open()) open.push_back(std::move(client));
  }
  return open;
}

std::shared_ptr<const Rule> FaultProxy::on(Match match, Fault fault) {
  return state_->rules.add(std::move(match), std::move(fault));
}

void FaultProxy::clear_rules() { state_->rules.clear(); }

const std::vector<LogEntry>& FaultProxy::log() const { return state_->log; }

std::size_t FaultProxy::requests(const std::string& method, const std::string& part_of_target) const {
  const Match match{.method = method, .target = part_of_target};
  return static_cast<std::size_t>(std::count_if(
      log().begin(), log().end(), [&](const LogEntry& entry) { return match.fits(entry.method, entry.target); }));
}

void FaultProxy::cut_watches(Ending ending) {
  for (const auto& client : clients()) {
    if (client->watches()) client->end(ending);
  }
}

void FaultProxy::cut_idle(Ending ending) {
  for (const auto& client : clients()) {
    if (client->idle()) client->end(ending);
  }
}

void FaultProxy::cut_all(Ending ending) {
  for (const auto& client : clients()) client->end(ending);
}

std::size_t FaultProxy::watches() {
  const auto open = clients();
  return static_cast<std::size_t>(std::count_if(open.begin(), open.end(), [](const auto& s) { return s->watches(); }));
}

std::size_t FaultProxy::idle() {
  const auto open = clients();
  return static_cast<std::size_t>(std::count_if(open.begin(), open.end(), [](const auto& s) { return s->idle(); }));
}

void FaultProxy::freeze() { state_->frozen = true; }

void FaultProxy::thaw() {
  state_->frozen = false;
  for (const auto& client : clients()) client->thaw();
}

}  // namespace atelier::testing
