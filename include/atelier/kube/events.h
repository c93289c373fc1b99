// Writes Kubernetes Events: best effort, bounded, never in the way of anything else.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "atelier/base/loop.h"
#include "atelier/http/port.h"
#include "atelier/kube/plan.h"

namespace atelier::kube {

// Correlates as client-go's EventCorrelator does:
// - The same again, by object, reason and message, is counted in the Event that is there already: its count and
//   lastTimestamp are patched. Repetitions are gathered here and written a minute after the last write, then after
//   two, four and then every five minutes, so that a hot loop costs at most 14 writes in its first hour. They cost
//   nothing of the object's budget: a loop that says one thing does not keep the object from saying another.
// - From the eleventh message of one object and reason on, unless ten minutes were quiet, what has not been said yet
//   goes into one Event: "(combined from similar events): " and the latest message.
// - An object may say 25 things, and one more every five minutes; what is beyond that is dropped.
//
// An Event's name follows from the object's UID, the reason and the message; of a combined one, from the UID and the
// reason. So a new leader's POST meets the first as 409 and counts on from there, and a POST whose answer was lost
// meets itself. Counts are written as they should be, not as what is to be added: writing one twice does no harm.
// Events of cluster-scoped objects go to `default`.
class EventRecorder {
 public:
  struct Options {
    std::string component = "atelier";
    std::string instance;            // of this process
    std::size_t queued = 1'000;      // more are dropped
    int burst = 25;                  // per involved object
    Millis refill{300'000};          // one more per object
    std::size_t remembered = 4'096;  // Events, objects with a budget, and pairs of object and reason
  };

  // References are borrowed. Nothing leaves while `may_write` says no.
  EventRecorder(Options options, http::Port& port, Loop& loop, std::function<bool()> may_write);

  void record(const EventNote& note);

  std::size_t queued() const { return queue_.size(); }
  std::size_t dropped() const { return dropped_; }

 private:
  struct Budget {
    double tokens;
    SteadyTime at;
  };
  struct Similar {                      // of one object and reason
    std::vector<std::size_t> messages;  // their hashes, in the order said
    SteadyTime at;
  };
  // What is known of the server: nothing yet, that it has an Event of this name, or that it has what we wrote.
  enum class Stage { unposted, met, posted };
  struct Said {
    EventNote note;  // the latest
    WallTime first, last;
    std::int64_t before = 0;  // counted by predecessors in the same Event
    std::int64_t count = 0;   // said by us
    std::int64_t sent = 0;    // of it, in the last write
    Stage stage = Stage::unposted;
    bool queued = false;
    bool combined = false;
    SteadyTime written_at{};
    SteadyTime next{};  // before it, no repetition is written
    Millis pause{};
  };

  EventNote correlated(const EventNote& note);
  bool afford(const Uid& uid);
  void make_room();
  void forget(std::map<std::string, Said>::iterator at);
  void enqueue(const std::string& name, Said& said);
  void wait(const std::string& name, Said& said);
  void arm();
  void flush();
  http::Request request_of(const std::string& name, const Said& said) const;
  void send_next();
  void retry_after(Millis delay);
  void answered(const Result<http::Response>& response);
  bool was_written(const std::string& name, Said& said, const nlohmann::json& event);

  Options options_;
  http::Port& port_;
  Loop& loop_;
  std::function<bool()> may_write_;
  std::map<Uid, Budget> budgets_;
  std::map<std::string, Similar> similar_;
  std::map<std::string, Said> said_;                  // by name
  std::set<std::pair<SteadyTime, std::string>> due_;  // names with repetitions to write, by Said::next
  std::deque<std::string> queue_;                     // names; the first is under way if there is a call
  std::size_t dropped_ = 0;
  int tries_ = 0;  // of the first in the queue
  std::unique_ptr<http::Call> call_;
  std::unique_ptr<Timer> retry_;
  std::unique_ptr<Timer> flush_;
};

// <object>.<16 hex digits>, by the rule above.
std::string event_name(const EventNote& note);

}  // namespace atelier::kube
