// An HTTP port that the test answers by hand, in whatever order it likes.
#pragma once

#include <cassert>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "atelier/base/loop.h"
#include "atelier/http/port.h"

namespace atelier::testing {

// Every request stays in `requests()`, in the order sent. Answers are delivered from the loop: call its run_ready().
class ScriptedPort final : public http::Port {
 public:
  explicit ScriptedPort(Loop& loop) : loop_(loop) {}

  std::unique_ptr<http::Call> send(http::Request request, std::function<void(Result<http::Response>)> done) override {
    auto exchange = add(std::move(request));
    exchange->done = std::move(done);
    return std::make_unique<Ticket>(exchange);
  }
  std::unique_ptr<http::Call> stream(http::Request request, http::StreamHandler& handler) override {
    auto exchange = add(std::move(request));
    exchange->handler = &handler;
    return std::make_unique<Ticket>(exchange);
  }

  std::size_t count() const { return exchanges_.size(); }
  const http::Request& request(std::size_t index) const { return exchanges_.at(index)->request; }
  const http::Request& last() const { return exchanges_.back()->request; }
  std::string line(std::size_t index) const {  // "GET /api/v1/pods"
    return std::string(http::to_string(request(index).method)) + " " + request(index).target;
  }
  bool cancelled(std::size_t index) const { return exchanges_.at(index)->cancelled; }
  // Sent, and neither answered nor cancelled.
  std::vector<std::size_t> open() const {
    std::vector<std::size_t> indexes;
    for (std::size_t i = 0; i < exchanges_.size(); ++i) {
      if (!exchanges_[i]->cancelled && !exchanges_[i]->answered) indexes.push_back(i);
    }
    return indexes;
  }

  void reply(std::size_t index, int status, std::string body, http::Headers headers = {}) {
    http::Response response;
    response.status = status;
    response.body = std::move(body);
    response.headers = std::move(headers);
    finish(index, std::move(response));
  }
  void fail(std::size_t index, std::string words = "connection reset", Errc code = Errc::transport) {
    finish(index, Error{code, std::move(words)});
  }

  void head(std::size_t index, int status, http::Headers headers = {}) {
    deliver(index, [status, headers](http::StreamHandler& handler) { handler.on_head(status, headers); });
  }
  void data(std::size_t index, std::string bytes) {
    deliver(index, [bytes](http::StreamHandler& handler) { handler.on_data(bytes); });
  }
  void end(std::size_t index, Result<void> result = boost::outcome_v2::success()) {
    exchanges_.at(index)->answered = true;
    deliver(index, [result](http::StreamHandler& handler) { handler.on_end(result); });
  }

 private:
  struct Exchange {
    http::Request request;
    std::function<void(Result<http::Response>)> done;
    http::StreamHandler* handler = nullptr;
    bool cancelled = false;
    bool answered = false;
  };
  class Ticket final : public http::Call {
   public:
    explicit Ticket(std::shared_ptr<Exchange> exchange) : exchange_(std::move(exchange)) {}
    ~Ticket() override {
      if (!exchange_->answered) exchange_->cancelled = true;
      exchange_->done = nullptr;
      exchange_->handler = nullptr;
    }

   private:
    std::shared_ptr<Exchange> exchange_;
  };

  std::shared_ptr<Exchange> add(http::Request request) {
    exchanges_.push_back(std::make_shared<Exchange>());
    exchanges_.back()->request = std::move(request);
    return exchanges_.back();
  }
  void finish(std::size_t index, Result<http::Response> result) {
    const auto exchange = exchanges_.at(index);
    assert(exchange->done && !exchange->answered);
    exchange->answered = true;
    loop_.post([exchange, result = std::move(result)] {
      if (exchange->done) std::exchange(exchange->done, nullptr)(result);
    });
  }
  void deliver(std::size_t index, std::function<void(http::StreamHandler&)> event) {
    loop_.post([exchange = exchanges_.at(index), event = std::move(event)] {
      if (exchange->handler != nullptr) event(*exchange->handler);
    });
  }

  Loop& loop_;
  std::vector<std::shared_ptr<Exchange>> exchanges_;
};

}  // namespace atelier::testing
