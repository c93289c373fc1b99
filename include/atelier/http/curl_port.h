// The port of a real process: libcurl on Asio, HTTP/1.1 over pooled keep-alive connections.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "atelier/http/asio_loop.h"
#include "atelier/http/endpoint.h"
#include "atelier/http/port.h"

namespace atelier::http {

class CurlMulti;

// A request on a pooled connection that the server closed meanwhile is sent once more on a new one if no byte
// of an answer had come. So even one send() may be applied twice, and a create may meet its own first try as 409.
// While its credentials are being fetched, a request takes no place on the wire, but its time runs; without
// credentials it ends as their error: unauthorized.
class CurlPort final : public Port {
 public:
  struct Limits {
    std::size_t concurrent = 32;                        // sends on the wire; more wait in order. Streams do not count.
    std::size_t answer_bytes = std::size_t{256} << 20;  // of a send, when decompressed; more is an error: server
  };

  // `loop` is borrowed.
  CurlPort(AsioLoop& loop, Endpoint endpoint, std::string user_agent, Limits limits);
  CurlPort(AsioLoop& loop, Endpoint endpoint, std::string user_agent)
      : CurlPort(loop, std::move(endpoint), std::move(user_agent), Limits{}) {}
  ~CurlPort() override;  // cancels every call

  std::unique_ptr<Call> send(Request request, std::function<void(Result<Response>)> done) override;
  std::unique_ptr<Call> stream(Request request, StreamHandler& handler) override;

 private:
  using Id = std::uint64_t;
  struct Exchange;
  class Ticket;

  Id adopt(std::unique_ptr<Exchange> exchange);
  void launch_waiting();
  void ask_credentials(Id id);
  void credentials_came(Id id, Result<Credentials::Snapshot> credential);
  void launch(Id id, Credentials::Snapshot credential);
  void fail(Id id, Error error);
  void ended(void* easy, int code);
  void arrived(Id id);
  void hand_out();
  void hand_out(Id id);
  void finish_stream(Id id);
  void finish_send(Id id);
  void judge_credential(const Exchange& exchange);
  void cancel(Id id);
  std::unique_ptr<Exchange> release(Id id);
  Exchange* find(Id id);

  AsioLoop& loop_;
  Endpoint endpoint_;
  std::string user_agent_;
  Limits limits_;
  Id next_id_ = 1;
  std::map<Id, std::unique_ptr<Exchange>> exchanges_;
  std::map<void*, Id> by_handle_;
  std::set<Id> waiting_;  // for a place on the wire; in the order sent
  std::size_t on_wire_ = 0;
  std::vector<Id> ready_;  // something arrived or the exchange ended
  std::shared_ptr<CurlPort*> self_;
  std::unique_ptr<CurlMulti> multi_;
};

}  // namespace atelier::http
