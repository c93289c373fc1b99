// What the fault proxy proves to its clients, and how it finds its server.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "atelier/http/endpoint.h"
#include "support/fault_proxy_stream.h"

namespace atelier::testing {

// A server's certificate for 127.0.0.1 that is its own authority, valid for a day. The key is nowhere else.
struct OwnCertificate {
  OwnCertificate();

  std::string ca_pem;
  boost::asio::ssl::context context{boost::asio::ssl::context::tls_server};
};

// What the endpoint's files and its own fields prove now. REQUIRES no exec plugin: its credential would come later.
http::Credential current(const http::Endpoint& endpoint);

// Throws when the endpoint makes no sense: a test's mistake.
class Upstream {
 public:
  Upstream(boost::asio::io_context& io, const http::Endpoint& endpoint);

  // `done` gets the connection, ready for a request, or null.
  void dial(std::function<void(std::shared_ptr<WireStream>)> done);
  const boost::asio::ip::tcp::endpoint& address() const { return address_; }

 private:
  boost::asio::io_context& io_;
  boost::asio::ip::tcp::endpoint address_;
  std::string host_to_check_;
  std::optional<boost::asio::ssl::context> tls_;
};

}  // namespace atelier::testing
