// Decides how a reflector keeps a copy of a collection: what to ask next and what to believe. No I/O, no clock.
//
//   FetchPage... -> Replace -> OpenWatch -> (events) -> OpenWatch ... ; Sleep before what failed is tried again
//
// Lists ask for the most recent state, so a list never goes back in time; one that is older than what was seen,
// as after a restore of etcd, is refused until the server has caught up.
#pragma once

#include <string>
#include <variant>

#include "atelier/base/result.h"
#include "atelier/kube/backoff.h"
#include "atelier/kube/decode.h"

namespace atelier::kube {

struct FetchPage {
  bool first;  // forget pages that were fetched before
  std::string continue_token;
  int limit;  // 0: everything
};
struct Replace {  // the pages fetched are the whole collection as of this version
  std::string resource_version;
};
struct OpenWatch {
  std::string resource_version;
  std::chrono::seconds timeout;
};
struct Sleep {
  Millis delay;
  std::string refused_version;  // of a list that was older than what was seen; empty: another reason
};

class ReflectorFsm {
 public:
  using Action = std::variant<FetchPage, Replace, OpenWatch, Sleep>;

  static constexpr int kPageSize = 500;

  explicit ReflectorFsm(Random& random) : random_(random), backoff_(random) {}  // borrowed

  // Each input answers the last action and returns the next one.
  Action start();
  Action page_fetched(SteadyTime now, const Result<ListMeta>& page);
  Action replaced(SteadyTime now);
  // `error` as from on_end, from an ERROR event or from the answer's status; success: the server ended the watch.
  Action watch_ended(SteadyTime now, const Result<void>& outcome);
  Action slept(SteadyTime now);

  // An event or bookmark of the open watch: whether to apply it. One that is not newer than what was seen is not.
  bool accept(const WatchEvent& event);

  const std::string& resource_version() const { return seen_; }

 private:
  Action relist();
  Action open_watch(SteadyTime now);
  Sleep sleep_before(bool relist, SteadyTime now, Millis at_least = Millis{0});

  Random& random_;
  Backoff backoff_;
  std::string seen_;  // the high-water mark
  std::string listed_;
  bool first_page_ = true;
  bool paged_ = true;  // the list that is under way has a limit
  bool relist_after_sleep_ = false;
  SteadyTime watch_opened_{};
  bool watch_had_events_ = false;
};

}  // namespace atelier::kube
