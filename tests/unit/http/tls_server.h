// An HTTPS server of a test that asks for client certificates: every request is answered with the client's name.
#pragma once

#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <functional>
#include <memory>
#include <string>

#include "atelier/http/asio_loop.h"
#include "unit/http/certificates.h"

namespace atelier::testing {

// Destroyed before its loop.
class TlsServer {
 public:
  TlsServer(http::AsioLoop& loop, const KeyPair& own, const std::string& client_authority)
      : acceptor_(loop.context(), {boost::asio::ip::address_v4::loopback(), 0}) {
    port = std::to_string(acceptor_.local_endpoint().port());
    url = "https://127.0.0.1:" + port;
    use(own, client_authority);
    accept();
  }
  // From the next connection on.
  void use(const KeyPair& own, const std::string& client_authority) {
    context_ = std::make_shared<ssl::context>(ssl::context::tls_server);
    context_->use_certificate_chain(boost::asio::buffer(own.certificate));
    context_->use_private_key(boost::asio::buffer(own.key), ssl::context::pem);
    context_->add_certificate_authority(boost::asio::buffer(client_authority));
    context_->set_verify_mode(must_know_client ? ssl::verify_peer | ssl::verify_fail_if_no_peer_cert
                                               : ssl::verify_peer);
  }
  // The answer: "jane", or "nobody" without a certificate.
  std::function<std::string(const std::string& client)> answer = [](const std::string& client) {
    return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(client.size()) + "\r\n\r\n" + client;
  };

  std::string url;
  std::string port;
  std::string request;            // the last one
  bool must_know_client = false;  // applies from the next use()
  int connections = 0;            // with a finished handshake
  int failed_handshakes = 0;

 private:
  using tcp = boost::asio::ip::tcp;
  struct Peer {
    Peer(tcp::socket socket, std::shared_ptr<boost::asio::ssl::context> context_in)
        : context(std::move(context_in)), stream(std::move(socket), *context) {}
    std::shared_ptr<boost::asio::ssl::context> context;
    boost::asio::ssl::stream<tcp::socket> stream;
    std::string request;
    std::string reply;
  };
  struct ssl {
    using context = boost::asio::ssl::context;
    static constexpr auto verify_peer = boost::asio::ssl::verify_peer;
    static constexpr auto verify_fail_if_no_peer_cert = boost::asio::ssl::verify_fail_if_no_peer_cert;
  };

  void accept() {
    acceptor_.async_accept([this](boost::system::error_code error, tcp::socket socket) {
      if (error) return;
      const auto peer = std::make_shared<Peer>(std::move(socket), context_);
      peer->stream.async_handshake(boost::asio::ssl::stream_base::server, [this, peer](boost::system::error_code e) {
        ++(e ? failed_handshakes : connections);
        if (!e) read(peer);
      });
      accept();
    });
  }
  void read(const std::shared_ptr<Peer>& peer) {
    boost::asio::async_read_until(peer->stream, boost::asio::dynamic_buffer(peer->request), "\r\n\r\n",
                                  [this, peer](boost::system::error_code error, std::size_t) {
                                    if (error) return;
                                    request = std::exchange(peer->request, {});
                                    peer->reply = answer(client_of(*peer));
                                    boost::asio::async_write(peer->stream, boost::asio::buffer(peer->reply),
                                                             [this, peer](boost::system::error_code e, std::size_t) {
                                                               if (!e) read(peer);
                                                             });
                                  });
  }
  static std::string client_of(Peer& peer) {
    X509* certificate = SSL_get1_peer_certificate(peer.stream.native_handle());
    if (certificate == nullptr) return "nobody";
    std::array<char, 100> name{};
    X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name.data(), name.size());
    X509_free(certificate);
    return name.data();
  }

  tcp::acceptor acceptor_;
  std::shared_ptr<boost::asio::ssl::context> context_;
};

}  // namespace atelier::testing
