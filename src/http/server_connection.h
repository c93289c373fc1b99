// One connection of a Server: reads requests and writes answers, one after the other.
#pragma once

#include <array>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <functional>
#include <memory>
#include <optional>

#include "atelier/http/server.h"

namespace atelier::http {

// Keeps itself alive while something of it is pending.
class ServerConnection : public std::enable_shared_from_this<ServerConnection> {
 public:
  using Answer = std::function<std::optional<ServerResponse>(const ServerRequest&)>;  // absent: the server is gone

  // `ended` is called at most once, never inside start() or close().
  ServerConnection(boost::asio::ip::tcp::socket socket, ServerLimits limits, Answer answer,
                   std::function<void()> ended);

  void start() { read(); }
  void close();

 private:
  void read();
  void on_head(boost::system::error_code failure);
  std::optional<ServerResponse> response_to_request();
  void write(ServerResponse response, bool keep_alive);
  void drain();

  boost::beast::tcp_stream stream_;
  ServerLimits limits_;
  Answer answer_;
  std::function<void()> ended_;
  boost::beast::flat_buffer buffer_;
  std::optional<boost::beast::http::request_parser<boost::beast::http::empty_body>> parser_;
  boost::beast::http::response<boost::beast::http::string_body> response_;
  std::array<char, 4'096> rest_{};
};

}  // namespace atelier::http
