// Keeps a key from being reconciled from caches that do not show its own writes yet. Pure.
//
// A write is seen when the cache of its resource has reached the version that the API server answered with; a
// delete without a version, when the object is gone from the cache or has changed in it.
// A cache that does not show a write after 10 s is told so, and again every 10 s, as its watch may hang.
// Caveats: after 5 min the key is released in any case: an object may lie outside of the cache's selector. Names, UIDs
// and versions as preconditions make a stale decision harmless, not wrong.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "atelier/kube/cache.h"
#include "atelier/kube/plan.h"

namespace atelier::kube {

class ReadYourWrites {
 public:
  static constexpr Millis kBehind{10'000};
  static constexpr Millis kLongest{300'000};

  explicit ReadYourWrites(std::vector<Cache*> caches) : caches_(std::move(caches)) {}  // borrowed

  // The version that the caches have of what `write` is about; absent without a cache or an object.
  std::optional<std::string> version_before(const Write& write) const;

  // `owner` wrote with success; `before` is version_before() of when it was sent. Returns whether the write
  // changed anything. A live read does not, but the key waits for a cache that shows what was read.
  bool wrote(const ObjectKey& owner, const Write& write, const nlohmann::json& answer,
             const std::optional<std::string>& before, SteadyTime now);

  // Whether `owner` may be reconciled; forgets what has been seen.
  bool caught_up(const ObjectKey& owner, SteadyTime now);
  // When to ask again, whatever the caches show; absent when it has nothing to wait for.
  std::optional<SteadyTime> ask_again(const ObjectKey& owner) const;

  const std::vector<Cache*>& caches() const { return caches_; }

 private:
  struct Pending {
    std::string plural;
    ObjectKey key;
    std::string version;                // reached by the cache; empty: a delete
    std::optional<std::string> before;  // of a delete
    SteadyTime behind;                  // from when on its cache is
    SteadyTime until;
  };
  bool seen(const Pending& pending) const;
  void tell_behind(const Pending& pending) const;

  std::vector<Cache*> caches_;
  std::map<ObjectKey, std::vector<Pending>> pending_;
};

}  // namespace atelier::kube
