// Leader election on a coordination.k8s.io Lease. No I/O, no clock: each input carries the time.
//
// Guarantees: a candidate takes a lease over only after it has itself seen it unchanged for the holder's lease
// duration; a holder that could not renew for the renew deadline has lost, for good.
// Caveats: a write sent before the loss may still arrive; what it may do is bounded by its preconditions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "atelier/base/loop.h"
#include "atelier/base/result.h"
#include "atelier/base/time.h"

namespace atelier::kube {

struct LeaseTimes {
  Millis duration{15'000};
  Millis renew_deadline{10'000};
  Millis retry_period{2'000};
  // A candidate waits the retry period times [1, 1 + jitter): one that stops in good order is followed within 3 s.
  double jitter = 0.25;
};

struct LeaseRecord {
  std::string holder;  // empty: free
  std::int64_t duration_seconds = 0;
  std::optional<WallTime> acquire_time;
  std::optional<WallTime> renew_time;
  std::int64_t transitions = 0;
  // Of one that was released: at these transitions, and nothing that its holder sent can come any more.
  std::optional<std::int64_t> settled;
  std::string resource_version;  // the precondition of an update

  bool operator==(const LeaseRecord&) const = default;
};

class LeaseFsm {
 public:
  struct Read {};
  struct Create {
    LeaseRecord record;
  };
  struct Update {
    LeaseRecord record;
  };
  struct Wait {
    Millis delay;
  };
  struct Lost {};  // the last action of one that was leader
  // The last action, also of one that was not leader: etcd was restored, which the lease shows because each version of
  // it that is read or written comes from etcd itself, never from a cache.
  struct WentBack {
    std::string seen;   // resource versions
    std::string found;  // older, or newer and yet what this process had renewed since
  };
  struct Done {};  // the last action after a release
  using Action = std::variant<Read, Create, Update, Wait, Lost, WentBack, Done>;

  LeaseFsm(std::string identity, LeaseTimes times, Random& random)
      : identity_(std::move(identity)), times_(times), random_(random) {}

  // Each input answers the last action and returns the next one.
  Action start();
  Action was_read(SteadyTime now, WallTime wall, const Result<LeaseRecord>& read);
  Action was_written(SteadyTime now, const Result<LeaseRecord>& written);  // created or updated
  Action waited(SteadyTime now, WallTime wall);
  // Instead of any other input, at any time and once; the answer to what was under way must not be given any more.
  // A claim or renewal that arrived before the release is read, and released in turn.
  // `settled`: no write of this process can come any more, which the next holder is told.
  Action release(WallTime wall, bool settled = false);

  bool leading() const { return leading_; }
  // Of a leader: the one before released the lease and had settled. Otherwise, or where that is not known, writes of it
  // may still come.
  bool is_handed_over() const { return handed_over_; }
  // The holder must not write from here on. Absent when not leading.
  std::optional<SteadyTime> deadline() const;
  bool may_write(SteadyTime now) const { return leading_ && now < *deadline(); }

 private:
  Action claim(SteadyTime now, WallTime wall);
  Action retry(SteadyTime now);
  Action give_up(WallTime wall);
  Action lose();
  std::optional<Action> went_back(const LeaseRecord& found);

  std::string identity_;
  LeaseTimes times_;
  Random& random_;
  std::optional<LeaseRecord> observed_;
  SteadyTime observed_at_{};  // when it was first seen like this
  SteadyTime asked_at_{};     // when the write under way was decided
  SteadyTime renewed_at_{};
  std::string newest_;                   // version of the lease that was seen
  std::optional<WallTime> renew_asked_;  // that was written last, maybe
  bool leading_ = false;
  bool maybe_held_ = false;  // leading, or a claim is under way or was not answered
  bool reread_ = true;       // what is observed may be outdated
  bool releasing_ = false;
  bool settled_ = false;      // while releasing
  bool handed_over_ = false;  // leading; before: if the claim under way is carried out
};

}  // namespace atelier::kube
