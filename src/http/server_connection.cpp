#include "http/server_connection.h"

#include <algorithm>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <exception>

#include "atelier/base/log.h"

namespace atelier::http {
namespace {

namespace beast = boost::beast;

ServerResponse refusal(beast::http::status status, const std::string& words) {
  return {.status = static_cast<int>(status), .body = words + "\n"};
}

}  // namespace

ServerConnection::ServerConnection(boost::asio::ip::tcp::socket socket, ServerLimits limits, Answer answer,
                                   std::function<void()> ended)
    : stream_(std::move(socket)),
      limits_(limits),
      answer_(std::move(answer)),
      ended_(std::move(ended)),
      buffer_(limits.head_bytes + 4'096) {}

void ServerConnection::close() {
  stream_.close();  // what is pending ends with an error
}

void ServerConnection::read() {
  parser_.emplace();
  parser_->header_limit(static_cast<std::uint32_t>(limits_.head_bytes));
  stream_.expires_after(limits_.timeout);
  beast::http::async_read_header(
      stream_, buffer_, *parser_,
      [self = shared_from_this()](boost::system::error_code failure, std::size_t) { self->on_head(failure); });
}

void ServerConnection::on_head(boost::system::error_code failure) {
  using beast::http::error;
  using beast::http::status;
  if (failure == error::header_limit || failure == error::buffer_overflow) {
    return write(refusal(status::request_header_fields_too_large, "the head of the request is too long"), false);
  }
  const bool no_request = failure == error::end_of_stream || failure == error::partial_message;
  if (failure && !no_request && failure.category() == beast::http::make_error_code(error::bad_method).category()) {
    return write(refusal(status::bad_request, "this is no HTTP request"), false);
  }
  if (failure) return ended_();  // the client went away or was too slow
  if (auto response = response_to_request()) {
    write(std::move(*response), parser_->is_done() && parser_->get().keep_alive());
  }
}

// Absent when the server is gone.
std::optional<ServerResponse> ServerConnection::response_to_request() {
  using beast::http::status;
  using beast::http::verb;
  const auto& request = parser_->get();
  if (request.method() != verb::get && request.method() != verb::head) {
    return refusal(status::method_not_allowed, "only GET and HEAD are answered");
  }
  if (!parser_->is_done()) return refusal(status::bad_request, "a request with a body is not answered");
  const std::string target{request.target()};
  if (!target.starts_with('/')) return refusal(status::bad_request, "the request names no path");
  const auto mark = std::min(target.find('?'), target.size());
  try {
    return answer_({target.substr(0, mark), mark < target.size() ? target.substr(mark + 1) : ""});
  } catch (const std::exception& thrown) {  // a bug, and this answer's only
    log::error("a request was not answered", {{"target", target}, {"error", thrown.what()}});
    return refusal(status::internal_server_error, "the operator failed to answer; its log says why");
  }
}

void ServerConnection::write(ServerResponse response, bool keep_alive) {
  const auto method = parser_->get().method();
  response_ = {static_cast<beast::http::status>(response.status), 11};
  response_.set(beast::http::field::content_type, response.content_type);
  if (response.status == 405) response_.set(beast::http::field::allow, "GET, HEAD");
  response_.content_length(response.body.size());
  response_.keep_alive(keep_alive);
  if (method != beast::http::verb::head) response_.body() = std::move(response.body);
  stream_.expires_after(limits_.timeout);
  beast::http::async_write(stream_, response_,
                           [self = shared_from_this(), keep_alive](boost::system::error_code failure, std::size_t) {
                             if (failure) return self->ended_();
                             if (keep_alive) return self->read();
                             boost::system::error_code ignored;
                             self->stream_.socket().shutdown(boost::asio::ip::tcp::socket::shutdown_send, ignored);
                             self->stream_.expires_after(self->limits_.timeout);
                             self->drain();
                           });
}

// Reads until the client closes: to close before would be a reset, which can destroy an answer on its way.
void ServerConnection::drain() {
  stream_.async_read_some(boost::asio::buffer(rest_),
                          [self = shared_from_this()](boost::system::error_code failure, std::size_t) {
                            failure ? self->ended_() : self->drain();
                          });
}

}  // namespace atelier::http
