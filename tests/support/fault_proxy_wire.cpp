#include "support/fault_proxy_wire.h"

#include <algorithm>

#include "support/fault_proxy_tls.h"

namespace atelier::testing {

using boost::asio::ip::tcp;
using Code = WireStream::Code;

struct WireProxy::Link : std::enable_shared_from_this<Link> {
  Link(tcp::socket client_in, tcp::socket server_in, std::size_t limit_in, Ending ending_in)
      : client(std::make_shared<WireStream>(std::move(client_in), nullptr)),
        server(std::make_shared<WireStream>(std::move(server_in), nullptr)),
        limit(limit_in),
        ending(ending_in) {}

  void up() {
    client->read([self = shared_from_this()](Code error, std::string_view bytes) {
      if (error) return self->end(Ending::close);
      self->server->write(std::string(bytes), [self](Code failed) { failed ? self->end(Ending::close) : self->up(); });
    });
  }
  void down() {
    if (passed_on >= limit) return end(ending);
    server->read([self = shared_from_this()](Code error, std::string_view bytes) {
      if (error) return self->end(Ending::close);
      bytes = bytes.substr(0, std::min(bytes.size(), self->limit - self->passed_on));
      self->passed_on += bytes.size();
      self->client->write(std::string(bytes),
                          [self](Code failed) { failed ? self->end(Ending::close) : self->down(); });
    });
  }
  void end(Ending how) {
    client->end(how);
    server->end(Ending::close);
  }

  std::shared_ptr<WireStream> client;
  std::shared_ptr<WireStream> server;
  std::size_t limit;
  Ending ending;
  std::size_t passed_on = 0;
};

WireProxy::WireProxy(http::AsioLoop& loop, const http::Endpoint& server)
    : io_(loop.context()),
      server_(server),
      upstream_(std::make_shared<Upstream>(io_, server)),
      acceptor_(io_, {boost::asio::ip::address_v4::loopback(), 0}) {
  accept();
}

WireProxy::~WireProxy() {
  for (const auto& link : links_) link->end(Ending::reset);
}

http::Endpoint WireProxy::endpoint() const {
  http::Endpoint endpoint = server_;
  endpoint.base_url = "https://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
  return endpoint;
}

void WireProxy::cut_after(std::size_t bytes, Ending ending) {
  limit_ = bytes;
  ending_ = ending;
}

std::size_t WireProxy::passed_on() const { return links_.empty() ? 0 : links_.back()->passed_on; }

// The server is at hand: connecting to it does not block for long.
void WireProxy::accept() {
  acceptor_.async_accept([this](Code error, tcp::socket socket) {
    if (error) return;  // closed, and this may be gone
    tcp::socket server(io_);
    if (static_cast<void>(server.connect(upstream_->address(), error)); !error) {
      links_.push_back(std::make_shared<Link>(std::move(socket), std::move(server), limit_, ending_));
      links_.back()->up();
      links_.back()->down();
    }
    accept();
  });
}

}  // namespace atelier::testing
