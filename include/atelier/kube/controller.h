// Performs what a reconciler plans: takes keys from a queue, asks for a plan, sends its writes, feeds the answers back.
//
// Flow: take a key -> reconcile -> send all writes at once -> wait for all answers -> reconcile again with the
// answers as soon as the caches show the writes -> ... -> a plan without writes ends it.
// Guarantees: one plan per key at a time; no write leaves while `may_write` says no; after a write that succeeded,
// a key is not reconciled from caches without it (bounded, see ReadYourWrites); answers never enter a cache.
// A failed write, or a plan that changed nothing, makes the key wait: 5 ms, doubled up to 60 s, with jitter, and no
// less than the server asked for. So does a reconciler that throws. A write without an answer is maybe applied: the
// next plan is made from the caches.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "atelier/base/loop.h"
#include "atelier/http/port.h"
#include "atelier/kube/events.h"
#include "atelier/kube/metrics.h"
#include "atelier/kube/plan.h"
#include "atelier/kube/queue.h"
#include "atelier/kube/read_your_writes.h"

namespace atelier::kube {

class Controller {
 public:
  struct Gates {
    std::function<bool()> may_write;  // this process is the leader
    std::function<bool()> synced;     // the caches that the reconciler reads have had their first list
  };
  struct Limits {
    std::size_t keys = 64;            // with writes under way
    std::size_t writes_per_key = 16;  // at the same time
  };

  struct Environment {
    Loop& loop;
    Random& random;
    http::Port& port;
    EventRecorder& events;
    Metrics& metrics;
  };

  // References are borrowed; the caches of `writes` and the metrics may outlive this. `name` is unique in the metrics.
  Controller(std::string name, Environment environment, Reconciler& reconciler, Gates gates, ReadYourWrites writes,
             Limits limits);
  Controller(std::string name, Environment environment, Reconciler& reconciler, Gates gates, ReadYourWrites writes)
      : Controller(std::move(name), environment, reconciler, std::move(gates), std::move(writes), Limits{}) {}
  ~Controller();

  // Never reconciles inside the call. Ignored unless started: a standby's queue would only grow. So whoever starts it
  // enqueues every key that the caches know.
  void enqueue(const ObjectKey& key, Priority priority = Priority::live, Millis delay = Millis{0});

  void start();
  // Lets go of the writes under way, which may or may not be applied. Keys stay queued.
  void stop();
  // No write is under way, and the reconciler was told of all that failed.
  bool settled() const;
  bool idle() const { return jobs_.empty() && queue_.waiting() == 0; }

 private:
  struct Job;

  void arm(SteadyTime when);
  void pump();
  bool hold(const WorkQueue::Taken& taken);
  void release_held();
  void reconcile(const WorkQueue::Taken& taken);
  void put(const ObjectKey& key, Cause cause, SteadyTime when);
  void back_off(const ObjectKey& key, Millis at_least);
  void launch(const ObjectKey& key);
  void answered(const ObjectKey& key, std::size_t index, const Result<http::Response>& response);
  void finish(const ObjectKey& key);
  void measure();

  std::string name_;
  Loop& loop_;
  http::Port& port_;
  EventRecorder& events_;
  ControllerMetrics& metrics_;
  Reconciler& reconciler_;
  Gates gates_;
  ReadYourWrites writes_;
  Limits limits_;
  WorkQueue queue_;
  bool running_ = false;
  std::map<ObjectKey, std::unique_ptr<Job>> jobs_;
  std::map<ObjectKey, Feedback> feedback_;
  std::map<ObjectKey, SteadyTime> not_before_;  // the server asked to wait
  std::map<ObjectKey, int> reads_in_a_row_;     // plans of nothing but reads
  std::set<ObjectKey> held_;                    // until the caches show the key's own writes
  std::unique_ptr<Timer> timer_;
  SteadyTime armed_for_{};
  std::shared_ptr<Controller*> self_;  // the listeners of caches and metrics hold it weakly
};

}  // namespace atelier::kube
