#include "support/fault_proxy_exchange.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace atelier::testing {

Exchange::Exchange(std::shared_ptr<ProxyState> state, WholeRequest request, Stream client, Stream server)
    : state_(std::move(state)),
      request_(std::move(request)),
      client_(std::move(client)),
      server_(std::move(server)),
      fault_(state_->rules.decide(request_.method, request_.target)),
      logged_(state_->log.size()),
      limit_(std::numeric_limits<std::size_t>::max()) {
  state_->log.push_back({request_.method, request_.target, 0, std::string(name_of(fault_))});
  if (place() != nullptr && place()->marker.empty()) limit_ = place()->bytes;
}

bool Exchange::watches() const {
  return request_.target.find("watch=1") != std::string::npos ||
         request_.target.find("watch=true") != std::string::npos;
}

const Place* Exchange::place() const {
  if (const auto* cut = std::get_if<fault::Cut>(&fault_)) return &cut->at;
  if (const auto* stall = std::get_if<fault::Stall>(&fault_)) return &stall->at;
  return nullptr;
}

void Exchange::run(Done done) {
  done_ = std::move(done);
  if (std::holds_alternative<fault::Swallow>(fault_)) return;
  if (std::holds_alternative<fault::ResetBeforeRequest>(fault_)) return cut(Ending::reset);
  if (const auto* told = std::get_if<fault::Answer>(&fault_)) return answer(*told);
  if (const auto* rewrite = std::get_if<fault::Rewrite>(&fault_)) {
    request_.set_target(rewrite->target(request_.target));
  }
  repeat_ = std::holds_alternative<fault::Duplicate>(fault_);
  if (const auto* delay = std::get_if<fault::DelayRequest>(&fault_)) {
    waits_to_ask_ = true;
    timer_ = state_->loop.after(delay->by, [weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->ask();
    });
    return;
  }
  ask();
}

void Exchange::answer(const fault::Answer& answer) {
  client_->write(answer.bytes, [self = shared_from_this(), close = answer.close](WireStream::Code error) {
    if (self->over_) return;
    if (close) self->client_->end(Ending::close);
    self->finish(!error && !close);
  });
}

void Exchange::ask() {
  waits_to_ask_ = false;
  if (server_ && server_->open()) return send();
  state_->upstream.dial([self = shared_from_this()](Stream server) {
    if (self->over_) {
      if (server) server->end(Ending::close);
      return;
    }
    if (!server) return self->cut(Ending::reset);
    self->server_ = std::move(server);
    self->send();
  });
}

void Exchange::send() {
  reader_ = std::make_unique<AnswerReader>();
  server_->write(request_.bytes, [self = shared_from_this()](WireStream::Code error) {
    if (self->over_) return;
    error ? self->cut(Ending::reset) : self->read();
  });
}

void Exchange::read() {
  server_->read([self = shared_from_this()](WireStream::Code error, std::string_view bytes) {
    if (!self->over_) self->received(error, bytes);
  });
}

void Exchange::received(WireStream::Code error, std::string_view bytes) {
  if (error) {
    reader_->end_of_stream();
    server_->end(Ending::close);
    // A server that broke off does so for the client, too.
    if (!reader_->complete()) return cut(Ending::close);
    return pass_on();
  }
  reader_->feed(bytes);
  if (repeat_) {
    if (!reader_->complete()) return read();
    repeat_ = false;
    return ask();
  }
  pending_ += bytes;
  pass_on();
}

void Exchange::pass_on() {
  arrived_ = true;
  state_->log[logged_].status = reader_->status();
  if (place() != nullptr && !place()->marker.empty() && limit_ == std::numeric_limits<std::size_t>::max()) {
    searched_.append(pending_);
    const std::size_t found = searched_.find(place()->marker);
    if (found != std::string::npos) limit_ = found + place()->marker.size() + place()->bytes;
  }
  if (const auto* delay = std::get_if<fault::DelayAnswer>(&fault_); delay != nullptr && !timer_) {
    timer_ = state_->loop.after(delay->by, [weak = weak_from_this()] {
      const auto self = weak.lock();
      if (!self) return;
      self->fault_ = fault::None{};
      self->pump();
    });
  }
  pump();
}

// Something arrived and must not go on yet.
bool Exchange::held() { return (state_->frozen && watches()) || std::holds_alternative<fault::DelayAnswer>(fault_); }

void Exchange::pump() {
  if (over_ || writing_ || !arrived_ || held()) return;
  if (passed_on_ >= limit_) {
    if (const auto* cut_here = std::get_if<fault::Cut>(&fault_)) cut(cut_here->ending);
    return;
  }
  if (!pending_.empty()) {
    std::size_t size = std::min(pending_.size(), limit_ - passed_on_);
    if (const auto* slice = std::get_if<fault::Slice>(&fault_)) size = std::min(size, slice->size);
    std::string piece = pending_.substr(0, size);
    pending_.erase(0, size);
    return write(std::move(piece));
  }
  if (reader_->complete() || reader_->broken()) return finish(!reader_->broken() && reader_->keeps_alive());
  arrived_ = false;
  read();
}

void Exchange::write(std::string bytes) {
  writing_ = true;
  passed_on_ += bytes.size();
  client_->write(std::move(bytes), [self = shared_from_this()](WireStream::Code error) {
    self->writing_ = false;
    if (self->over_) return;
    error ? self->cut(Ending::close) : self->pump();
  });
}

void Exchange::abandon() {
  done_ = nullptr;
  if (waits_to_ask_) {
    state_->late.push_back(shared_from_this());
    return;
  }
  over_ = true;
  timer_.reset();
  if (server_) server_->end(Ending::close);
}

void Exchange::cut(Ending ending) {
  if (over_) return;
  client_->end(ending);
  if (server_) server_->end(Ending::close);
  finish(false);
}

void Exchange::finish(bool keep) {
  over_ = true;
  timer_.reset();
  if (!keep) client_->end(Ending::close);
  if (const Done done = std::exchange(done_, nullptr)) return done(server_, keep);
  if (server_) server_->end(Ending::close);
}

}  // namespace atelier::testing
