// Writes Kubernetes Events: best effort, bounded, never in the way of anything else.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "atelier/base/loop.h"
#include "atelier/http/port.h"
#include "atelier/kube/plan.h"

namespace atelier::kube {

// An Event's name follows from the object's UID, the reason and the message, so that saying the same again, also by
// the next leader, meets the first as 409 and counts as done. Events of cluster-scoped objects go to `default`.
class EventRecorder {
 public:
  struct Options {
    std::string component = "atelier";
    std::string instance;            // of this process
    std::size_t queued = 1'000;      // more are dropped
    int burst = 25;                  // per involved object
    Millis refill{300'000};          // one more per object
    std::size_t remembered = 4'096;  // objects with a budget, and names that were written
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
  struct Queued {
    std::string name;
    http::Request request;
    int tries = 0;
  };
  bool afford(const Uid& uid);
  void send_next();
  void answered(const Result<http::Response>& response);

  Options options_;
  http::Port& port_;
  Loop& loop_;
  std::function<bool()> may_write_;
  std::map<Uid, Budget> budgets_;
  std::map<std::string, SteadyTime> written_;  // by name, to say the same only once an hour
  std::deque<Queued> queue_;
  std::size_t dropped_ = 0;
  std::unique_ptr<http::Call> call_;
  std::unique_ptr<Timer> timer_;
};

// The Event as it is posted. Exposed for the reader of the name's rule: <object>.<16 hex digits>.
std::string event_name(const EventNote& note);

}  // namespace atelier::kube
