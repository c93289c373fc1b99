// What lies between clients and the model of the API server: latency, lost requests, lost answers, error answers,
// lagging watches.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "atelier/http/port.h"
#include "sim/api_model.h"
#include "sim/selector.h"
#include "sim/sim_loop.h"

namespace atelier::sim {

enum class Phase { before, after };  // the write is applied
enum class Fate { deliver, lose, late };

struct NetworkTimes {
  Millis least_latency{1};  // one way
  Millis most_latency{8};
  Millis least_lag{1};  // of each portion of a watch
  Millis most_lag{60};
  Millis late{20'000};  // how late a Fate::late write arrives
  Millis bookmarks{60'000};
};

// Writes are requests that change something, but not leases; `index` counts them as they arrive, from 1.
// Before: `lose` drops the request, `late` lets it arrive much later, unasked. After: `lose` drops the answer. A
// client that lives hears of a lost request or answer as a transport error.
using WriteHook = std::function<Fate(const http::Request&, std::size_t index, Phase)>;

// An answer instead of the API server's, to any request: watches and leases too. Before: the model never hears of the
// request. After: it has performed it, and yet the client gets this; watches are asked about before only.
using ErrorHook = std::function<std::optional<http::Response>(const http::Request&, Phase)>;

class Network {
 public:
  Network(ApiModel& model, SimLoop& loop, std::uint64_t seed, NetworkTimes times = {});
  ~Network();

  void set_hook(WriteHook hook) { hook_ = std::move(hook); }
  void set_errors(ErrorHook errors) { errors_ = std::move(errors); }
  // What becomes of writes under way whose client has gone: arrive with this probability. 0.5 by default.
  void set_orphans(double probability) { orphans_ = probability; }
  // A line for each request that arrived, and for each crash.
  void set_trace(std::function<void(std::string)> trace) { trace_ = std::move(trace); }

  std::size_t writes() const { return writes_; }  // that arrived, leases apart
  std::size_t lease_writes() const { return lease_writes_; }
  std::size_t reads() const { return reads_; }                          // GETs and LISTs that arrived, leases apart
  std::size_t requests() const { return reads_ + watches_ + writes_; }  // that arrived, leases apart
  // For so long, lists and watches of `plural` know nothing that is newer than `version`. GETs are live.
  void lag(const std::string& plural, std::uint64_t version, Millis how_long);
  // Ends all watches by a transport error; opened again, they hear 410 if the model has forgotten what they need.
  void break_watches(const std::string& why);
  // For so long nothing passes between this client and the API server, but that its writes arrive late, as those of a
  // process that stood still.
  void cut(const std::string& client, Millis how_long);

 private:
  friend class SimPort;
  struct Exchange;
  class Ticket;

  std::unique_ptr<http::Call> begin(std::shared_ptr<Exchange> exchange);
  void arrive(const std::shared_ptr<Exchange>& exchange, bool asked);
  void answer(const std::shared_ptr<Exchange>& exchange, Result<http::Response> response);
  void open(const std::shared_ptr<Exchange>& exchange);
  void refuse(const std::shared_ptr<Exchange>& exchange, const http::Response& response);
  std::string initial_events(Exchange& exchange);
  std::string end_of_initial_events(const Exchange& exchange) const;
  void bookmark(const std::shared_ptr<Exchange>& exchange);
  void wake(const std::shared_ptr<Exchange>& exchange);
  void deliver(const std::shared_ptr<Exchange>& exchange);
  void end(const std::shared_ptr<Exchange>& exchange, const Result<void>& result);
  void wake_all();
  std::string line_of(const Change& change, const Target& target, const Selector& selector);
  const std::string& text_of(const Object& object);
  void say(const Exchange& exchange, const std::string& outcome);
  Millis latency() { return random_.between(times_.least_latency, times_.most_latency); }

  ApiModel& model_;
  SimLoop& loop_;
  SimRandom random_;
  NetworkTimes times_;
  WriteHook hook_;
  ErrorHook errors_;
  std::function<void(std::string)> trace_;
  double orphans_ = 0.5;
  std::size_t writes_ = 0;
  std::size_t lease_writes_ = 0;
  std::size_t reads_ = 0;
  std::size_t watches_ = 0;
  std::size_t next_id_ = 0;
  std::map<std::size_t, std::shared_ptr<Exchange>> exchanges_;  // under way
  std::unordered_map<Object, std::string> texts_;               // of what watches were sent
  std::map<std::string, std::unique_ptr<Timer>> lags_;          // until when, by plural
  std::map<std::string, std::unique_ptr<Timer>> cuts_;          // until when, by client
};

}  // namespace atelier::sim
