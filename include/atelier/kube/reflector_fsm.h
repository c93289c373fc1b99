// Decides how a reflector keeps a copy of a collection: what to ask next and what to believe. No I/O, no clock.
//
//   StreamList -> (events) -> OpenWatch -> (events) -> OpenWatch ... ; Sleep before what failed is tried again
//   FetchPage... -> Replace -> OpenWatch ... where the server does not stream lists
//
// A streamed list is a watch that begins with all objects (KEP-3157): held once by the server and once here, and in
// one request with the watch that follows. A server that refuses it, or does not end it, is asked for pages instead.
// Lists ask for the most recent state, so a list never goes back in time; one that is older than what was seen is
// refused until the server has caught up. It never does after a restore of etcd, which refusals for a minute are taken
// for. A watch from a version that was lost there hears nothing, not even bookmarks, and ends as others do: after such
// a one comes a list.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "atelier/base/result.h"
#include "atelier/kube/backoff.h"
#include "atelier/kube/decode.h"

namespace atelier::kube {

struct StreamList {  // forget what was streamed before
  std::chrono::seconds timeout;
  Millis longest;  // not at its end after so long: give it up by list_unended()
};
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
  bool went_back = false;       // so were all lists of the last minute
};

class ReflectorFsm {
 public:
  using Action = std::variant<StreamList, FetchPage, Replace, OpenWatch, Sleep>;
  enum class Verdict {
    ignore,  // nothing new
    apply,   // to the collection
    stage,   // a part of the streamed list
    commit,  // what was staged is the whole collection as of the event's version; the watch goes on
    refuse,  // the streamed list is older than what was seen: call refused()
  };

  static constexpr int kPageSize = 500;
  static constexpr Millis kHanging{10'000};

  // `random` is borrowed. Without `streams`, lists come in pages.
  explicit ReflectorFsm(Random& random, bool streams = true) : random_(random), backoff_(random), streams_(streams) {}

  // Each input answers the last action and returns the next one.
  Action start(SteadyTime now);
  Action page_fetched(SteadyTime now, const Result<ListMeta>& page);
  Action replaced(SteadyTime now);
  // An error as from on_end, of an ERROR event or of a line that is no event; success: the server ended the watch.
  Action watch_ended(SteadyTime now, const Result<void>& outcome);
  // The answer was not 200. A server that does not know streamed lists says so here, and is asked for pages from now
  // on.
  Action watch_refused(SteadyTime now, const Error& error);
  Action slept(SteadyTime now);
  Action refused(SteadyTime now, const std::string& listed);
  // Of a StreamList: its time is over. A server that does not know what was asked of it sends events for ever.
  Action list_unended();
  // The server has answered another request well. The rest of a Sleep that there is because it did not serve is no
  // longer than this, instead; absent: it goes on. Three in half a minute, lest a server that answers others and never
  // this one is asked in a loop.
  std::optional<Millis> served(SteadyTime now);

  // An event or bookmark of the open stream: what to do with it.
  Verdict accept(const WatchEvent& event);
  // Bytes of the open stream came.
  void heard(SteadyTime now) { heard_ = now; }
  // Whether a watch is open, its list is in, and nothing came for so long that, if there is known to be something, the
  // connection hangs: end it with an error then.
  bool hangs(SteadyTime now) const { return watching_ && now - heard_ >= kHanging; }

  // Whether the open stream has not come to the end of its list.
  bool listing() const { return listing_; }
  const std::string& resource_version() const { return seen_; }

 private:
  Action relist(SteadyTime now);
  Action fetch_first();
  Action open_watch(SteadyTime now);
  std::chrono::seconds timeout();
  Sleep sleep_before(bool relist, SteadyTime now, Millis at_least = Millis{0});
  Sleep sleep_after(const Error& error, bool relist, SteadyTime now);

  Random& random_;
  Backoff backoff_;
  std::string seen_;  // the high-water mark
  std::string listed_;
  bool streams_;
  bool listing_ = false;
  bool watching_ = false;  // what comes is applied
  bool first_page_ = true;
  bool paged_ = true;  // the list that is under way has a limit
  bool relist_after_sleep_ = false;
  bool may_be_shortened_ = false;  // the sleep
  SteadyTime asleep_until_{};
  std::vector<SteadyTime> shortened_;  // when, in the last half minute
  SteadyTime list_began_{};            // of the last one that came to its end
  SteadyTime watch_opened_{};
  std::string watched_from_;
  SteadyTime heard_{};
  bool watch_had_events_ = false;  // or bookmarks
  std::optional<SteadyTime> refused_since_;
};

}  // namespace atelier::kube
