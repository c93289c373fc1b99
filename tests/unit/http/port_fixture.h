// A CurlPort of a test and what drives it.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "atelier/http/curl_port.h"

namespace atelier::testing {

struct Listener final : http::StreamHandler {
  void on_head(int status_in, const http::Headers&) override { status = status_in; }
  void on_data(std::string_view text) override {
    data += text;
    if (after_data) after_data();
  }
  void on_end(Result<void> result) override { ended = std::move(result); }

  int status = 0;
  std::string data;
  std::function<void()> after_data;
  std::optional<Result<void>> ended;
};

class PortTest : public ::testing::Test {
 protected:
  http::CurlPort& port() {
    if (!port_) port_ = std::make_unique<http::CurlPort>(loop_, endpoint_, "test", limits_);
    return *port_;
  }
  [[nodiscard]] bool await(const std::function<bool()>& holds) {
    const SteadyTime end = loop_.now() + std::chrono::seconds{10};
    while (!holds() && loop_.now() < end) {
      loop_.context().restart();
      loop_.context().run_one_for(std::chrono::milliseconds{100});
    }
    return holds();
  }
  static http::Request get(Millis timeout = std::chrono::seconds{8}) {
    http::Request request;
    request.target = "/x";
    request.timeout = timeout;
    return request;
  }
  std::optional<Result<http::Response>> ask(http::Request request) {
    std::optional<Result<http::Response>> answer;
    const auto call = port().send(std::move(request), [&](Result<http::Response> r) { answer = std::move(r); });
    EXPECT_FALSE(answer) << "not inside send()";
    EXPECT_TRUE(await([&] { return answer.has_value(); }));
    return answer;
  }
  // The body, or the error.
  std::string ask() {
    const auto answer = ask(get());
    if (!answer) return "nothing";
    return *answer ? answer->value().body : answer->error().message;
  }

  http::AsioLoop loop_;
  http::Endpoint endpoint_;
  http::CurlPort::Limits limits_;
  std::unique_ptr<http::CurlPort> port_;
};

}  // namespace atelier::testing
