// A TCP proxy that knows nothing of TLS or HTTP, for faults below them: in a handshake, in a record.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <limits>
#include <memory>
#include <vector>

#include "atelier/http/asio_loop.h"
#include "atelier/http/endpoint.h"
#include "support/fault_proxy_fault.h"

namespace atelier::testing {

class Upstream;
class WireStream;

// Destroyed before its loop.
class WireProxy {
 public:
  // For clients that know `server` itself, its certificate included: see endpoint().
  WireProxy(http::AsioLoop& loop, const http::Endpoint& server);
  ~WireProxy();

  http::Endpoint endpoint() const;  // the server's, at this address

  // Of connections that are made from now on: when the server has sent so many bytes to the client.
  void cut_after(std::size_t bytes, Ending ending);
  std::size_t passed_on() const;  // to the client of the last connection

 private:
  struct Link;
  void accept();

  boost::asio::io_context& io_;
  http::Endpoint server_;
  std::shared_ptr<Upstream> upstream_;
  boost::asio::ip::tcp::acceptor acceptor_;
  std::size_t limit_ = std::numeric_limits<std::size_t>::max();
  Ending ending_ = Ending::reset;
  std::vector<std::shared_ptr<Link>> links_;
};

}  // namespace atelier::testing
