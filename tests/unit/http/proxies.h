// Proxies of a test. They connect their clients to a server on this machine, whatever host they are asked for.
#pragma once

#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "atelier/http/asio_loop.h"
#include "unit/http/certificates.h"

namespace atelier::testing {

using boost::asio::ip::tcp;
using TlsStream = boost::asio::ssl::stream<tcp::socket>;

// Copies between a client and the server, once they are joined.
template <class Client>
struct Tunnel : std::enable_shared_from_this<Tunnel<Client>> {
  Tunnel(Client client_in, boost::asio::io_context& context) : client(std::move(client_in)), server(context) {}

  void join(const std::string& port) {
    server.connect({boost::asio::ip::address_v4::loopback(), static_cast<unsigned short>(std::stoi(port))});
    copy(client, server, buffers[0]);
    copy(server, client, buffers[1]);
  }
  void say(const std::string& text) { boost::asio::write(client, boost::asio::buffer(text)); }

  Client client;
  tcp::socket server;
  std::string head;
  std::array<std::array<char, 4096>, 2> buffers{};

 private:
  template <class From, class To>
  void copy(From& from, To& to, std::array<char, 4096>& buffer) {
    from.async_read_some(boost::asio::buffer(buffer), [self = this->shared_from_this(), &from, &to, &buffer](
                                                          boost::system::error_code error, std::size_t count) {
      if (error) return;
      boost::asio::write(to, boost::asio::buffer(buffer, count), error);
      if (!error) self->copy(from, to, buffer);
    });
  }
};

// Destroyed before its loop.
class Proxy {
 public:
  Proxy(http::AsioLoop& loop, std::string target_port)
      : context_(loop.context()),
        target_port_(std::move(target_port)),
        acceptor_(context_, {boost::asio::ip::address_v4::loopback(), 0}) {
    address = "127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
    accept();
  }
  virtual ~Proxy() = default;

  std::string address;
  std::vector<std::string> asked;  // for what

 protected:
  virtual void begin(tcp::socket client) = 0;

  template <class Client>
  void await_connect(const std::shared_ptr<Tunnel<Client>>& tunnel) {
    boost::asio::async_read_until(tunnel->client, boost::asio::dynamic_buffer(tunnel->head), "\r\n\r\n",
                                  [this, tunnel](boost::system::error_code error, std::size_t) {
                                    if (error) return;
                                    asked.push_back(tunnel->head.substr(0, tunnel->head.find("\r\n")));
                                    tunnel->say("HTTP/1.1 200 Connection established\r\n\r\n");
                                    tunnel->join(target_port_);
                                  });
  }

  boost::asio::io_context& context_;
  std::string target_port_;

 private:
  void accept() {
    acceptor_.async_accept([this](boost::system::error_code error, tcp::socket socket) {
      if (error) return;
      begin(std::move(socket));
      accept();
    });
  }

  tcp::acceptor acceptor_;
};

class ConnectProxy final : public Proxy {
 public:
  using Proxy::Proxy;

 private:
  void begin(tcp::socket client) override {
    await_connect(std::make_shared<Tunnel<tcp::socket>>(std::move(client), context_));
  }
};

// As above, spoken to in TLS.
class TlsProxy final : public Proxy {
 public:
  TlsProxy(http::AsioLoop& loop, std::string target_port, const KeyPair& own) : Proxy(loop, std::move(target_port)) {
    tls_.use_certificate_chain(boost::asio::buffer(own.certificate));
    tls_.use_private_key(boost::asio::buffer(own.key), boost::asio::ssl::context::pem);
  }

 private:
  void begin(tcp::socket client) override {
    const auto tunnel = std::make_shared<Tunnel<TlsStream>>(TlsStream{std::move(client), tls_}, context_);
    tunnel->client.async_handshake(TlsStream::server, [this, tunnel](boost::system::error_code error) {
      if (!error) await_connect(tunnel);
    });
  }

  boost::asio::ssl::context tls_{boost::asio::ssl::context::tls_server};
};

// RFC 1928, without authentication; what it is asked for is a name, or "an address".
class SocksProxy final : public Proxy {
 public:
  using Proxy::Proxy;

 private:
  using Socks = std::shared_ptr<Tunnel<tcp::socket>>;

  void begin(tcp::socket client) override {
    const auto tunnel = std::make_shared<Tunnel<tcp::socket>>(std::move(client), context_);
    take(tunnel, 2, [this, tunnel](const std::string& greeting) {
      take(tunnel, static_cast<unsigned char>(greeting[1]), [this, tunnel](const std::string& methods) {
        const bool anybody = methods.find('\0') != std::string::npos;
        tunnel->say({'\5', anybody ? '\0' : '\xff'});
        if (anybody) take(tunnel, 5, [this, tunnel](const std::string& request) { connect(tunnel, request); });
      });
    });
  }
  // Version, command, reserved, type of the address, its first byte.
  void connect(const Socks& tunnel, const std::string& request) {
    const bool name = request[3] == '\3';
    const std::size_t rest = (name ? static_cast<unsigned char>(request[4]) : 3U) + 2U;
    take(tunnel, rest, [this, tunnel, name](const std::string& text) {
      asked.push_back(name ? text.substr(0, text.size() - 2) : "an address");
      tunnel->say({'\5', '\0', '\0', '\1', '\0', '\0', '\0', '\0', '\0', '\0'});
      tunnel->join(target_port_);
    });
  }
  template <class Then>
  static void take(const Socks& tunnel, std::size_t count, Then then) {
    tunnel->head.assign(count, '\0');
    boost::asio::async_read(tunnel->client, boost::asio::buffer(tunnel->head),
                            [tunnel, then](boost::system::error_code error, std::size_t) {
                              if (!error) then(std::exchange(tunnel->head, {}));
                            });
  }
};

}  // namespace atelier::testing
