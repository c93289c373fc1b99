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

// Among keys that are due, live changes go before what the first list brought.
enum class Priority { live, initial };

class WorkQueue {
 public:
  explicit WorkQueue(Random& random) : random_(random) {}  // borrowed

  // Of a key that waits already, the earlier time and the higher priority win. A key that is being processed is
  // queued when it is done.
  void add(const ObjectKey& key, Priority priority, SteadyTime ready_at);

  // The next key that is due, now being processed; REQUIRES a done() for each.
  std::optional<ObjectKey> take(SteadyTime now);
  void done(const ObjectKey& key);

  // When the next key is due, in the past if one is; absent when nothing waits.
  std::optional<SteadyTime> next_ready() const;

  // Counts a failure of `key` and returns the delay before the next try: 5 ms, doubled up to 60 s, stretched by a
  // uniform factor in [1, 2), so that keys that failed together are not tried together.
  Millis fail(const ObjectKey& key);
  void forget(const ObjectKey& key) { failures_.erase(key); }  // the next failure is the first again

  std::size_t waiting() const { return items_.size(); }  // due or not, without those being processed
  std::size_t processing() const { return processing_.size(); }

 private:
  struct Item {
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
