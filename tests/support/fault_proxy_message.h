// Finds where requests and answers end in a byte stream, without changing a byte.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace atelier::testing {

struct WholeRequest {
  std::string method;
  std::string target;
  std::string bytes;  // as they came

  void set_target(const std::string& other);
};

class RequestReader {
 public:
  RequestReader();
  ~RequestReader();

  void feed(std::string_view bytes) { buffer_ += bytes; }
  // The next request that is there as a whole.
  std::optional<WholeRequest> take();
  bool broken() const { return broken_; }  // what came is no HTTP

 private:
  struct Parser;

  std::unique_ptr<Parser> parser_;
  std::string buffer_;  // from the start of the current request
  std::size_t parsed_ = 0;
  bool broken_ = false;
};

class AnswerReader {
 public:
  AnswerReader();
  ~AnswerReader();

  void feed(std::string_view bytes);
  void end_of_stream();
  bool complete() const;
  bool broken() const { return broken_; }
  int status() const;        // 0 until the head is complete
  bool keeps_alive() const;  // REQUIRES complete()

 private:
  struct Parser;

  std::unique_ptr<Parser> parser_;
  std::string unparsed_;
  bool broken_ = false;
};

}  // namespace atelier::testing
