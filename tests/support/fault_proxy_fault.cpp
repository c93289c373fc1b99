#include "support/fault_proxy_fault.h"

#include <array>
#include <cstdio>

namespace atelier::testing {

std::string_view name_of(const Fault& fault) {
  static constexpr std::array<std::string_view, std::variant_size_v<Fault>> kNames{"",
                                                                                   "reset-before-request",
                                                                                   "swallow",
                                                                                   "cut",
                                                                                   "stall",
                                                                                   "delay-request",
                                                                                   "delay-answer",
                                                                                   "answer",
                                                                                   "duplicate",
                                                                                   "slice",
                                                                                   "rewrite"};
  return kNames[fault.index()];
}

std::string http_answer(int status, const http::Headers& headers, std::string_view body) {
  std::string text = "HTTP/1.1 " + std::to_string(status) + " Told\r\n";
  for (const auto& [name, value] : headers) text += name + ": " + value + "\r\n";
  text += "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n";
  return text.append(body);
}

std::string status_answer(int code, std::string_view reason, const http::Headers& headers) {
  const std::string body = R"({"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"told so",)"
                           R"("reason":")" +
                           std::string(reason) + R"(","code":)" + std::to_string(code) + "}";
  return http_answer(code, headers, body);
}

std::string chunked_answer(const std::vector<std::string>& chunks, bool complete) {
  std::string text = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const std::string& chunk : chunks) {
    std::array<char, 20> size{};
    std::snprintf(size.data(), size.size(), "%zx\r\n", chunk.size());
    text += size.data() + chunk + "\r\n";
  }
  return complete ? text + "0\r\n\r\n" : text;
}

}  // namespace atelier::testing
