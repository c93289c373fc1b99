// Holds a Lease for this process: performs what LeaseFsm says.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "atelier/base/ids.h"
#include "atelier/base/log_repeat.h"
#include "atelier/base/loop.h"
#include "atelier/http/port.h"
#include "atelier/kube/lease_fsm.h"

namespace atelier::kube {

class Lease {
 public:
  struct Events {
    std::function<void()> acquired;
    // Nothing more comes after it: the process should end. Called without `acquired`, too, when the API server went
    // back in time, as after a restore of etcd: all that was seen and remembered is of what is no more.
    std::function<void()> lost;
  };

  // `port` should serve nothing else, so that a renewal never waits behind other requests. References are
  // borrowed. `identity` must differ between any two processes that ever run.
  Lease(ObjectKey key, std::string identity, LeaseTimes times, http::Port& port, Loop& loop, Random& random,
        Events events);

  void start();
  // Gives the lease up, so that another need not wait, and calls `released` when that was answered or failed.
  // `settled`: nothing that was written can come any more; the next holder is told, see is_handed_over().
  // REQUIRES that nothing is written any more, and that it is called once.
  void release(std::function<void()> released, bool settled = false);

  bool may_write(SteadyTime now) const { return fsm_.may_write(now); }
  // From `acquired` on: whoever held it before had settled.
  bool is_handed_over() const { return fsm_.is_handed_over(); }
  // Another process that was seen to hold it, the last one; empty: none so far.
  const std::string& seen_holder() const { return told_holder_; }
  // For a watchdog, from any thread: when this passes, the loop has failed to notice that the lease is lost, and
  // the process must end. SteadyTime::max() when not leading.
  SteadyTime deadline() const { return SteadyTime{SteadyTime::duration{deadline_.load()}}; }

 private:
  void perform(LeaseFsm::Action action);
  void read();
  void tell_read(const Result<LeaseRecord>& read);
  void write(const LeaseRecord& record, bool create);
  Millis patience() const;
  void publish_deadline();

  ObjectKey key_;
  std::string identity_;
  LeaseFsm fsm_;
  Millis request_timeout_;
  http::Port& port_;
  Loop& loop_;
  Events events_;
  bool told_acquired_ = false;
  std::string told_holder_;
  log::Repeat unread_;
  std::function<void()> released_;
  std::atomic<SteadyTime::rep> deadline_{SteadyTime::max().time_since_epoch().count()};
  std::unique_ptr<http::Call> call_;
  std::unique_ptr<Timer> timer_;
};

// A Lease object's JSON, both ways. Parsing is lenient: absent fields are zero.
LeaseRecord lease_record_of(const nlohmann::json& object);
nlohmann::json lease_object(const ObjectKey& key, const LeaseRecord& record);
// A merge patch, so that the labels, annotations and owners that others put on the Lease stay.
nlohmann::json lease_patch(const LeaseRecord& record);

}  // namespace atelier::kube
