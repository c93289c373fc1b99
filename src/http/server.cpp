#include "atelier/http/server.h"

#include <boost/asio/ip/v6_only.hpp>
#include <charconv>
#include <map>
#include <optional>

#include "atelier/base/log.h"
#include "atelier/http/asio_loop.h"
#include "http/server_connection.h"

namespace atelier::http {
namespace {

using boost::asio::ip::tcp;

constexpr Millis kAcceptAgain{1'000};

Error cannot_listen(const std::string& address, const std::string& why) {
  return invalid("cannot listen on \"" + address + "\": " + why);
}

// An absent address means all of them.
struct Place {
  std::optional<boost::asio::ip::address> address;
  std::uint16_t port = 0;
};

Result<Place> parse(const std::string& text) {
  const auto colon = text.rfind(':');
  Place place;
  const char* const end = text.data() + text.size();
  const char* const digits = colon == std::string::npos ? end : text.data() + colon + 1;
  const auto [rest, failed] = std::from_chars(digits, end, place.port);
  if (digits == end || rest != end || failed != std::errc{}) {
    return cannot_listen(text, "it should be HOST:PORT, as in 127.0.0.1:8080, [::1]:8080 or :8080");
  }
  std::string host = text.substr(0, colon);
  if (host.empty()) return place;
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(host, error);
  if (error || address.is_v6() != bracketed) {
    return cannot_listen(text, "its host should be an IP address, in brackets if it is IPv6, or nothing for all");
  }
  place.address = address;
  return place;
}

void bind(tcp::acceptor& acceptor, const tcp::endpoint& endpoint, boost::system::error_code& error) {
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error && endpoint.protocol() == tcp::v6() && endpoint.address().is_unspecified()) {
    acceptor.set_option(boost::asio::ip::v6_only(false), error);
  }
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(tcp::acceptor::max_listen_connections, error);
}

}  // namespace

// Accepts. Connections and the pending accept hold it weakly: nothing of them reaches the handler of a server that is
// gone.
class Server::Listener : public std::enable_shared_from_this<Listener> {
 public:
  Listener(AsioLoop& loop, Handler handler, ServerLimits limits)
      : loop_(loop), acceptor_(loop.context()), handler_(std::move(handler)), limits_(limits) {}

  Result<std::string> open(const std::string& text) {
    ATELIER_TRY(const Place place, parse(text));
    boost::system::error_code error;
    if (place.address) {
      bind(acceptor_, {*place.address, place.port}, error);
    } else {
      bind(acceptor_, {tcp::v6(), place.port}, error);
      if (error == boost::asio::error::address_family_not_supported) {
        acceptor_.close(error);
        bind(acceptor_, {tcp::v4(), place.port}, error);
      }
    }
    if (error) return cannot_listen(text, error.message());
    const tcp::endpoint bound = acceptor_.local_endpoint();
    const std::string host = bound.address().to_string();
    return (bound.address().is_v6() ? "[" + host + "]" : host) + ":" + std::to_string(bound.port());
  }

  void accept() {
    acceptor_.async_accept([weak = weak_from_this()](boost::system::error_code error, tcp::socket socket) {
      const auto self = weak.lock();
      if (self && self->acceptor_.is_open()) self->accepted(error, std::move(socket));
    });
  }

  void close() {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    retry_.reset();
    for (const auto& [id, connection] : std::exchange(connections_, {})) connection->close();
  }

 private:
  void accepted(boost::system::error_code error, tcp::socket socket) {
    if (error) {  // no more file descriptors, say
      log::warn("a connection was not accepted", {{"error", error.message()}});
      retry_ = loop_.after(kAcceptAgain, [this] { accept(); });
      return;
    }
    if (connections_.size() >= limits_.connections) {
      connections_.begin()->second->close();
      connections_.erase(connections_.begin());
    }
    const std::uint64_t id = next_id_++;
    const auto answer = [weak = weak_from_this()](const ServerRequest& request) -> std::optional<ServerResponse> {
      const auto self = weak.lock();
      if (!self) return std::nullopt;
      return self->handler_(request);
    };
    const auto ended = [weak = weak_from_this(), id] {
      if (const auto self = weak.lock()) self->connections_.erase(id);
    };
    const auto connection = std::make_shared<ServerConnection>(std::move(socket), limits_, answer, ended);
    connections_.emplace(id, connection);
    connection->start();
    accept();
  }

  AsioLoop& loop_;
  tcp::acceptor acceptor_;
  Handler handler_;
  ServerLimits limits_;
  std::uint64_t next_id_ = 1;
  std::map<std::uint64_t, std::shared_ptr<ServerConnection>> connections_;  // the oldest first
  std::unique_ptr<Timer> retry_;
};

Server::Server(std::shared_ptr<Listener> listener, std::string address)
    : listener_(std::move(listener)), address_(std::move(address)) {}

Server::~Server() { listener_->close(); }

Result<std::unique_ptr<Server>> Server::listen(AsioLoop& loop, const std::string& address, Handler handler,
                                               ServerLimits limits) {
  auto listener = std::make_shared<Listener>(loop, std::move(handler), limits);
  ATELIER_TRY(auto bound, listener->open(address));
  listener->accept();
  return std::unique_ptr<Server>(new Server(std::move(listener), std::move(bound)));
}

}  // namespace atelier::http
