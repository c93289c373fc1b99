// One connection, plain or TLS, seen as bytes that can be harmed.
#pragma once

#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "support/fault_proxy_fault.h"

namespace atelier::testing {

// Kept alive by what is under way on it. At most one read and one write at a time.
class WireStream : public std::enable_shared_from_this<WireStream> {
 public:
  using Socket = boost::asio::ip::tcp::socket;
  using Code = boost::system::error_code;
  using Done = std::function<void(Code)>;

  // Without a context: plain.
  WireStream(Socket socket, boost::asio::ssl::context* tls);

  void accept(Done done);                                             // as the server
  void connect(const std::string& host_to_check, Done done);          // as the client; empty: nothing is checked
  void read(std::function<void(Code, std::string_view bytes)> done);  // what is there, at least one byte
  void write(std::string bytes, Done done);                           // all of it
  void end(Ending ending);                                            // what is under way fails
  bool open() const { return socket_.is_open(); }

 private:
  void handshake(boost::asio::ssl::stream_base::handshake_type type, Done done);

  Socket socket_;
  std::optional<boost::asio::ssl::stream<Socket&>> tls_;
  std::array<char, 16 * 1024> buffer_{};
};

}  // namespace atelier::testing
