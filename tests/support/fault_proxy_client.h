// One client's connection to the fault proxy: requests one after the other.
#pragma once

#include <memory>

#include "support/fault_proxy_exchange.h"

namespace atelier::testing {

// Kept alive by what is under way on it.
class ClientConnection : public std::enable_shared_from_this<ClientConnection> {
 public:
  ClientConnection(std::shared_ptr<ProxyState> state, std::shared_ptr<WireStream> client)
      : state_(std::move(state)), client_(std::move(client)) {}

  void start();
  void end(Ending ending);
  void thaw();
  bool open() const { return client_->open(); }
  bool idle() const { return ready_ && !exchange_; }
  bool watches() const { return exchange_ && exchange_->watches(); }

 private:
  void read();
  void serve();

  std::shared_ptr<ProxyState> state_;
  std::shared_ptr<WireStream> client_;
  std::shared_ptr<WireStream> server_;  // between two requests
  RequestReader reader_;
  std::shared_ptr<Exchange> exchange_;
  bool ready_ = false;  // the handshake is done
};

}  // namespace atelier::testing
