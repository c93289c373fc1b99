// One request on its way to the server and its answer on the way back, with whatever fault was decided for it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "atelier/base/loop.h"
#include "support/fault_proxy_message.h"
#include "support/fault_proxy_rules.h"
#include "support/fault_proxy_tls.h"

namespace atelier::testing {

class Exchange;

// What all connections of a proxy share. Kept alive by whatever is under way.
struct ProxyState {
  ProxyState(Loop& loop_in, boost::asio::io_context& io, const http::Endpoint& endpoint)
      : loop(loop_in), upstream(io, endpoint) {}

  Loop& loop;
  Upstream upstream;
  Rules rules;
  std::vector<LogEntry> log;
  bool frozen = false;                          // watches are
  std::vector<std::shared_ptr<Exchange>> late;  // abandoned, and still to be delivered
};

// Reads from the server only when the client has taken what was read before.
class Exchange : public std::enable_shared_from_this<Exchange> {
 public:
  using Stream = std::shared_ptr<WireStream>;
  // Told once, unless it is abandoned: the connection to the server for the next request, null if there is none, and
  // whether the client's may be used again.
  using Done = std::function<void(Stream server, bool keep)>;

  // `server` may be null: one is dialled when it is needed.
  Exchange(std::shared_ptr<ProxyState> state, WholeRequest request, Stream client, Stream server);

  void run(Done done);
  void abandon();           // the client has gone
  void cut(Ending ending);  // both connections, now
  void pump();              // goes on where the proxy was frozen
  bool watches() const;

 private:
  void answer(const fault::Answer& answer);
  void ask();
  void send();
  void read();
  void received(WireStream::Code error, std::string_view bytes);
  void pass_on();
  bool held();
  bool at_place();
  void write(std::string bytes);
  void finish(bool keep);
  const Place* place() const;

  std::shared_ptr<ProxyState> state_;
  WholeRequest request_;
  Stream client_;
  Stream server_;
  Fault fault_;
  std::size_t logged_;  // index in the state's log
  Done done_;
  std::unique_ptr<Timer> timer_;
  std::unique_ptr<AnswerReader> reader_;
  std::string pending_;        // read and not written
  std::string searched_;       // read, as long as the place's marker was not found
  std::size_t passed_on_ = 0;  // bytes
  std::size_t limit_;          // of passed_on_
  bool waits_to_ask_ = false;
  bool repeat_ = false;   // the request is to be sent once more
  bool arrived_ = false;  // something of the answer
  bool writing_ = false;
  bool over_ = false;
};

}  // namespace atelier::testing
