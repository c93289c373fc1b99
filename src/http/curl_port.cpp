#include "atelier/http/curl_port.h"

#include <algorithm>
#include <optional>

#include "http/curl_multi.h"
#include "http/curl_transfer.h"

namespace atelier::http {

struct CurlPort::Exchange {
  std::unique_ptr<CurlTransfer> transfer;
  std::function<void(Result<Response>)> done;  // of a send
  StreamHandler* handler = nullptr;            // of a stream
  std::optional<SteadyTime> deadline;
  std::unique_ptr<Timer> asking;     // runs while its credentials are being fetched
  Credentials::Snapshot credential;  // that it left with
  bool on_wire = false;
  bool marked = false;     // in ready_
  bool head_told = false;  // of a stream
  std::optional<Result<void>> outcome;
};

class CurlPort::Ticket final : public Call {
 public:
  Ticket(std::weak_ptr<CurlPort*> port, Id id) : port_(std::move(port)), id_(id) {}
  ~Ticket() override {
    if (const auto port = port_.lock()) (*port)->cancel(id_);
  }

 private:
  std::weak_ptr<CurlPort*> port_;
  Id id_;
};

CurlPort::CurlPort(AsioLoop& loop, Endpoint endpoint, std::string user_agent, Limits limits)
    : loop_(loop),
      endpoint_(std::move(endpoint)),
      user_agent_(std::move(user_agent)),
      limits_(limits),
      self_(std::make_shared<CurlPort*>(this)) {
  CurlMulti::Events events;
  events.ended = [this](CURL* easy, CURLcode code) { ended(easy, code); };
  events.turn_over = [this] { hand_out(); };
  multi_ = std::make_unique<CurlMulti>(loop_.context(), std::move(events), static_cast<long>(limits_.concurrent) + 8);
}

CurlPort::~CurlPort() {
  self_.reset();
  for (auto& [id, exchange] : exchanges_) {
    if (exchange->transfer->handle() != nullptr && !exchange->outcome) multi_->remove(exchange->transfer->handle());
  }
  exchanges_.clear();
  multi_.reset();
}

std::unique_ptr<Call> CurlPort::send(Request request, std::function<void(Result<Response>)> done) {
  auto exchange = std::make_unique<Exchange>();
  if (request.timeout.count() > 0) exchange->deadline = loop_.now() + request.timeout;
  const CurlTransfer::Whole whole{endpoint_.compression, limits_.answer_bytes};
  exchange->transfer = std::make_unique<CurlTransfer>(std::move(request), whole);
  exchange->done = std::move(done);
  const Id id = adopt(std::move(exchange));
  waiting_.insert(id);
  launch_waiting();
  return std::make_unique<Ticket>(self_, id);
}

std::unique_ptr<Call> CurlPort::stream(Request request, StreamHandler& handler) {
  auto exchange = std::make_unique<Exchange>();
  if (request.timeout.count() > 0) exchange->deadline = loop_.now() + request.timeout;
  exchange->transfer = std::make_unique<CurlTransfer>(std::move(request), [this, id = next_id_] { arrived(id); });
  exchange->handler = &handler;
  const Id id = adopt(std::move(exchange));
  ask_credentials(id);
  return std::make_unique<Ticket>(self_, id);
}

CurlPort::Id CurlPort::adopt(std::unique_ptr<Exchange> exchange) {
  exchanges_.emplace(next_id_, std::move(exchange));
  return next_id_++;
}

void CurlPort::launch_waiting() {
  while (!waiting_.empty() && on_wire_ < limits_.concurrent) {
    const Id id = *waiting_.begin();
    waiting_.erase(waiting_.begin());
    ask_credentials(id);
  }
}

void CurlPort::ask_credentials(Id id) {
  if (!endpoint_.credentials) return launch(id, nullptr);
  endpoint_.credentials->get([weak = std::weak_ptr(self_), id](Result<Credentials::Snapshot> credential) {
    if (const auto port = weak.lock()) (*port)->credentials_came(id, std::move(credential));
  });
  Exchange* exchange = find(id);
  if (exchange == nullptr || exchange->credential || exchange->outcome || !exchange->deadline) return;
  if (waiting_.contains(id)) return;
  exchange->asking = loop_.at(*exchange->deadline, [this, id] {
    fail(id, {Errc::transport, find(id)->transfer->name() + ": there were no credentials in time"});
  });
}

void CurlPort::credentials_came(Id id, Result<Credentials::Snapshot> credential) {
  Exchange* exchange = find(id);
  if (exchange == nullptr || exchange->outcome) return;  // cancelled, or its time was over
  exchange->asking.reset();
  if (!credential) return fail(id, credential.error());
  if (exchange->handler == nullptr && on_wire_ >= limits_.concurrent) {
    waiting_.insert(id);  // the places were taken meanwhile; it asks again when there is one
    return;
  }
  launch(id, std::move(credential).value());
}

void CurlPort::launch(Id id, Credentials::Snapshot credential) {
  Exchange& exchange = *find(id);
  exchange.credential = std::move(credential);
  Millis timeout{0};
  if (exchange.deadline) timeout = std::chrono::ceil<Millis>(*exchange.deadline - loop_.now());
  if (exchange.deadline && timeout.count() <= 0) {
    return fail(id, exchange.transfer->failure(CURLE_OPERATION_TIMEDOUT));
  }
  const Request& request = exchange.transfer->request();
  if (request.may_send && !request.may_send()) {
    return fail(id, may_not_send());
  }
  static const Credential kNone;
  const Credential& used = exchange.credential ? *exchange.credential : kNone;
  CURL* easy = exchange.transfer->prepare(endpoint_, used, user_agent_, timeout);
  if (easy == nullptr) return fail(id, exchange.transfer->failure(CURLE_OUT_OF_MEMORY));
  if (exchange.handler == nullptr) {
    exchange.on_wire = true;
    ++on_wire_;
  }
  by_handle_.emplace(easy, id);
  multi_->add(easy);
}

// A failure to start is handed out like any other: from the loop, later.
void CurlPort::fail(Id id, Error error) {
  find(id)->outcome = std::move(error);
  arrived(id);
  loop_.post([weak = std::weak_ptr(self_)] {
    if (const auto port = weak.lock()) (*port)->hand_out();
  });
}

void CurlPort::ended(void* easy, int code) {
  const auto at = by_handle_.find(easy);
  if (at == by_handle_.end()) return;
  const Id id = at->second;
  by_handle_.erase(at);
  Exchange& exchange = *find(id);
  if (code != CURLE_OK) {
    exchange.outcome = exchange.transfer->failure(static_cast<CURLcode>(code));
  } else if (!exchange.transfer->head_complete()) {  // libcurl takes a connection's end for the head's
    exchange.outcome = exchange.transfer->failure(CURLE_PARTIAL_FILE);
  } else {
    exchange.outcome = Result<void>(boost::outcome_v2::success());
  }
  arrived(id);
}

void CurlPort::arrived(Id id) {
  Exchange* exchange = find(id);
  if (exchange == nullptr || exchange->marked) return;
  exchange->marked = true;
  ready_.push_back(id);
}

void CurlPort::hand_out() {
  // Callbacks may send, which appends to ready_, or cancel, which find() then tells.
  for (const Id id : std::exchange(ready_, {})) hand_out(id);
}

void CurlPort::hand_out(Id id) {
  Exchange* exchange = find(id);
  if (exchange == nullptr) return;
  exchange->marked = false;
  if (exchange->handler == nullptr) return finish_send(id);
  StreamHandler& handler = *exchange->handler;
  if (exchange->transfer->head_complete() && !exchange->head_told) {
    exchange->head_told = true;
    judge_credential(*exchange);
    handler.on_head(exchange->transfer->status(), exchange->transfer->headers());
    exchange = find(id);
  }
  if (exchange != nullptr && !exchange->transfer->body().empty()) {
    const std::string data = std::exchange(exchange->transfer->body(), {});
    handler.on_data(data);
    exchange = find(id);
  }
  if (exchange != nullptr && exchange->outcome) finish_stream(id);
}

void CurlPort::finish_stream(Id id) {
  const auto exchange = release(id);
  if (!exchange->head_told) judge_credential(*exchange);
  exchange->handler->on_end(std::move(*exchange->outcome));
}

void CurlPort::finish_send(Id id) {
  const auto exchange = release(id);
  judge_credential(*exchange);
  CurlTransfer& transfer = *exchange->transfer;
  if (exchange->outcome->has_error()) return exchange->done(exchange->outcome->error());
  Response response;
  response.status = transfer.status();
  response.headers = std::move(transfer.headers());
  response.body = std::move(transfer.body());
  exchange->done(std::move(response));
}

void CurlPort::judge_credential(const Exchange& exchange) {
  if (!exchange.credential) return;
  if (exchange.transfer->status() == 401 || exchange.transfer->tls_failed()) {
    endpoint_.credentials->refused(exchange.credential);
  }
}

void CurlPort::cancel(Id id) {
  if (Exchange* exchange = find(id); exchange != nullptr) {
    CURL* easy = exchange->transfer->handle();
    if (easy != nullptr && by_handle_.erase(easy) > 0) multi_->remove(easy);
    waiting_.erase(id);
    release(id);
  }
}

// The place on the wire goes to the next in the queue.
std::unique_ptr<CurlPort::Exchange> CurlPort::release(Id id) {
  auto node = exchanges_.extract(id);
  auto exchange = std::move(node.mapped());
  if (exchange->on_wire) --on_wire_;
  launch_waiting();
  return exchange;
}

CurlPort::Exchange* CurlPort::find(Id id) {
  const auto at = exchanges_.find(id);
  return at == exchanges_.end() ? nullptr : at->second.get();
}

}  // namespace atelier::http
