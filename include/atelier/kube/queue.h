// The keys a controller has to look at: each at most once in the queue, each in the hands of at most one worker.
// Pure: time is an argument, chance a port.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <tuple>

#include "atelier/base/ids.h"
#include "atelier/base/loop.h"
#include "atelier/base/time.h"

namespace atelier::kube {

// Why a key is in the queue. Of several causes the first in this order is told.
enum class Cause {
  answer,   // its writes are answered; the changes that they bring about come with it
  change,   // of something it depends on
  initial,  // the first list brought it
  retry,    // it failed, or its plan changed nothing
  requeue,  // its plan asked for it
};

// Among keys that are due, live ones go before what the first list brought.
enum class Priority { live, initial };

class WorkQueue {
 public:
  struct Taken {
    ObjectKey key;
    Cause cause;
    SteadyTime due_since;
  };
  struct Due {
    std::size_t live = 0;
    std::size_t initial = 0;
  };

  explicit WorkQueue(Random& random) : random_(random) {}  // borrowed

  // Of a key that waits already, the earlier time and the higher priority win. A key that is being processed is
  // queued when it is done. Returns whether it did not wait yet.
  bool add(const ObjectKey& key, Cause cause, SteadyTime ready_at);

  // The next key that is due, now being processed; REQUIRES a done() for each.
  std::optional<Taken> take(SteadyTime now);
  void done(const ObjectKey& key);

  // When the next key is due, in the past if one is; absent when nothing waits.
  std::optional<SteadyTime> next_ready() const;

  // Counts a failure of `key` and returns the delay before the next try: 5 ms, doubled up to 60 s, stretched by a
  // uniform factor in [1, 2), so that keys that failed together are not tried together.
  Millis fail(const ObjectKey& key);
  void forget(const ObjectKey& key) { failures_.erase(key); }  // the next failure is the first again

  std::size_t waiting() const { return items_.size(); }  // due or not, without those being processed
  std::size_t processing() const { return processing_.size(); }
  Due due(SteadyTime now) const;  // of those waiting

 private:
  struct Item {
    Cause cause;
    Priority priority;
    SteadyTime ready_at;
    std::uint64_t order;
    bool due;
  };
  void schedule(const ObjectKey& key, Item item);
  void unschedule(const ObjectKey& key, const Item& item);

  Random& random_;
  std::map<ObjectKey, Item> items_;
  std::set<std::tuple<SteadyTime, std::uint64_t, ObjectKey>> later_;
  std::set<std::tuple<Priority, std::uint64_t, ObjectKey>> due_;
  std::map<ObjectKey, std::optional<Item>> processing_;  // with what was added meanwhile
  std::map<ObjectKey, int> failures_;
  std::uint64_t next_order_ = 0;
};

}  // namespace atelier::kube
