// An HTTP server of a test, on the loop of what is tested: every request goes to `serve`.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "atelier/http/asio_loop.h"

namespace atelier::testing {

using boost::asio::ip::tcp;

// One connection of the server. Writes are small enough not to block.
struct Peer : std::enable_shared_from_this<Peer> {
  explicit Peer(tcp::socket socket_in) : socket(std::move(socket_in)) {}
  void write(const std::string& text) { boost::asio::write(socket, boost::asio::buffer(text)); }
  void answer(const std::string& status, const std::string& body) {
    write("HTTP/1.1 " + status + "\r\nX-Kind: Test\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
          body);
  }
  void begin_chunks() { write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"); }
  void chunk(const std::string& text) { write(std::to_string(text.size()) + "\r\n" + text + "\r\n"); }  // below 10

  tcp::socket socket;
  std::string request;
};

// Reads heads only: a body must end with an empty line. Destroyed before its loop.
class LocalServer {
 public:
  explicit LocalServer(http::AsioLoop& loop) : acceptor_(loop.context(), {boost::asio::ip::address_v4::loopback(), 0}) {
    url = "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
    accept();
  }
  void close() { acceptor_.close(); }

  std::string url;
  std::vector<std::shared_ptr<Peer>> peers;  // every connection that was ever made
  std::function<void(Peer&)> serve = [](Peer& peer) { peer.answer("200 OK", "hello"); };

 private:
  void accept() {
    acceptor_.async_accept([this](boost::system::error_code error, tcp::socket socket) {
      if (error) return;
      peers.push_back(std::make_shared<Peer>(std::move(socket)));
      read(peers.back());
      accept();
    });
  }
  void read(const std::shared_ptr<Peer>& peer) {
    boost::asio::async_read_until(peer->socket, boost::asio::dynamic_buffer(peer->request), "\r\n\r\n",
                                  [this, peer](boost::system::error_code error, std::size_t) {
                                    if (error) return;
                                    serve(*peer);
                                    peer->request.clear();
                                    read(peer);
                                  });
  }

  tcp::acceptor acceptor_;
};

}  // namespace atelier::testing
