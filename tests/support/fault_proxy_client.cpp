#include "support/fault_proxy_client.h"

#include <utility>

namespace atelier::testing {

void ClientConnection::start() {
  client_->accept([self = shared_from_this()](WireStream::Code error) {
    if (error) return self->end(Ending::close);
    self->ready_ = true;
    self->read();
  });
}

// Also while a request is being answered, which is how a client's end is noticed.
void ClientConnection::read() {
  client_->read([self = shared_from_this()](WireStream::Code error, std::string_view bytes) {
    if (error) return self->end(Ending::close);
    self->reader_.feed(bytes);
    self->serve();
    if (self->open()) self->read();
  });
}

void ClientConnection::serve() {
  if (exchange_) return;
  auto request = reader_.take();
  if (reader_.broken()) return end(Ending::close);
  if (!request) return;
  exchange_ = std::make_shared<Exchange>(state_, std::move(*request), client_, std::move(server_));
  exchange_->run([weak = weak_from_this()](std::shared_ptr<WireStream> server, bool keep) {
    const auto self = weak.lock();
    if (!self) return;
    self->exchange_.reset();
    self->server_ = std::move(server);
    keep ? self->serve() : self->end(Ending::close);
  });
}

void ClientConnection::end(Ending ending) {
  client_->end(ending);
  if (const auto exchange = std::exchange(exchange_, nullptr)) exchange->abandon();
  if (const auto server = std::exchange(server_, nullptr)) server->end(Ending::close);
}

void ClientConnection::thaw() {
  if (const auto exchange = exchange_) exchange->pump();
}

}  // namespace atelier::testing
