#include "support/fault_proxy_stream.h"

#include <boost/asio/post.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/write.hpp>

namespace atelier::testing {

namespace ssl = boost::asio::ssl;

WireStream::WireStream(Socket socket, ssl::context* tls) : socket_(std::move(socket)) {
  Code ignored;
  static_cast<void>(socket_.set_option(boost::asio::ip::tcp::no_delay(true), ignored));
  if (tls != nullptr) tls_.emplace(socket_, *tls);
}

void WireStream::accept(Done done) { handshake(ssl::stream_base::server, std::move(done)); }

void WireStream::connect(const std::string& host_to_check, Done done) {
  if (tls_ && !host_to_check.empty()) {
    tls_->set_verify_mode(ssl::verify_peer);
    tls_->set_verify_callback(ssl::host_name_verification(host_to_check));
  }
  handshake(ssl::stream_base::client, std::move(done));
}

void WireStream::handshake(ssl::stream_base::handshake_type type, Done done) {
  if (!tls_) {
    boost::asio::post(socket_.get_executor(), [done = std::move(done)] { done({}); });
    return;
  }
  tls_->async_handshake(type, [self = shared_from_this(), done = std::move(done)](Code error) { done(error); });
}

void WireStream::read(std::function<void(Code, std::string_view)> done) {
  const auto told = [self = shared_from_this(), done = std::move(done)](Code error, std::size_t count) {
    done(error, {self->buffer_.data(), count});
  };
  tls_ ? tls_->async_read_some(boost::asio::buffer(buffer_), told)
       : socket_.async_read_some(boost::asio::buffer(buffer_), told);
}

void WireStream::write(std::string bytes, Done done) {
  const auto owned = std::make_shared<const std::string>(std::move(bytes));
  const auto told = [self = shared_from_this(), owned, done = std::move(done)](Code error, std::size_t) {
    done(error);
  };
  tls_ ? boost::asio::async_write(*tls_, boost::asio::buffer(*owned), told)
       : boost::asio::async_write(socket_, boost::asio::buffer(*owned), told);
}

void WireStream::end(Ending ending) {
  if (!socket_.is_open()) return;
  Code ignored;
  if (ending == Ending::reset) {
    static_cast<void>(socket_.set_option(boost::asio::socket_base::linger(true, 0), ignored));
  } else {
    static_cast<void>(socket_.shutdown(Socket::shutdown_send, ignored));
  }
  static_cast<void>(socket_.close(ignored));
}

}  // namespace atelier::testing
