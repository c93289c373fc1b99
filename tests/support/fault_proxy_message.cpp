#include "support/fault_proxy_message.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

namespace atelier::testing {
namespace {

namespace http = boost::beast::http;

// Gives the parser what it takes of `bytes` and returns how much that was. Bodies are not kept.
template <class Parser>
std::size_t put(Parser& parser, std::string_view bytes, bool& broken) {
  std::size_t taken = 0;
  while (!parser.is_done() && taken < bytes.size()) {
    boost::beast::error_code error;
    const std::size_t count = parser.put(boost::asio::buffer(bytes.substr(taken)), error);
    taken += count;
    parser.get().body().clear();
    if (error && error != http::error::need_more) broken = true;
    if (error || count == 0) break;
  }
  return taken;
}

}  // namespace

void WholeRequest::set_target(const std::string& other) {
  bytes.replace(method.size() + 1, target.size(), other);
  target = other;
}

struct RequestReader::Parser {
  Parser() {
    parser.eager(true);
    parser.body_limit(boost::none);
  }
  http::request_parser<http::string_body> parser;
};

RequestReader::RequestReader() : parser_(std::make_unique<Parser>()) {}
RequestReader::~RequestReader() = default;

std::optional<WholeRequest> RequestReader::take() {
  auto& parser = parser_->parser;
  parsed_ += put(parser, std::string_view(buffer_).substr(parsed_), broken_);
  if (!parser.is_done()) return std::nullopt;
  WholeRequest request{std::string(parser.get().method_string()), std::string(parser.get().target()),
                       buffer_.substr(0, parsed_)};
  buffer_.erase(0, parsed_);
  parsed_ = 0;
  parser_ = std::make_unique<Parser>();
  return request;
}

struct AnswerReader::Parser {
  Parser() {
    parser.eager(true);
    parser.body_limit(boost::none);
  }
  http::response_parser<http::string_body> parser;
};

AnswerReader::AnswerReader() : parser_(std::make_unique<Parser>()) {}
AnswerReader::~AnswerReader() = default;

void AnswerReader::feed(std::string_view bytes) {
  unparsed_ += bytes;
  unparsed_.erase(0, put(parser_->parser, unparsed_, broken_));
}

void AnswerReader::end_of_stream() {
  boost::beast::error_code error;
  if (parser_->parser.got_some()) parser_->parser.put_eof(error);
  if (error) broken_ = true;
}

bool AnswerReader::complete() const { return parser_->parser.is_done(); }

int AnswerReader::status() const {
  return parser_->parser.is_header_done() ? static_cast<int>(parser_->parser.get().result_int()) : 0;
}

bool AnswerReader::keeps_alive() const { return parser_->parser.keep_alive(); }

}  // namespace atelier::testing
