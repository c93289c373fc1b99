#include "atelier/kube/reflector_fsm.h"

#include <utility>

#include "atelier/meta/resource_version.h"

namespace atelier::kube {
namespace {

constexpr Millis kShortWatch{1'000};
constexpr Millis kLongestStream{120'000};
constexpr Millis kLongWatch{30'000};     // as the longest delay
constexpr Millis kSilentWatch{150'000};  // bookmarks come about once a minute
constexpr Millis kLongestRefusal{60'000};
constexpr Millis kRecentList{30'000};
constexpr std::size_t kMostShortened = 3;
constexpr Millis kShortenedFor{30'000};
constexpr double kShortestTimeout = 300;  // seconds; and up to twice as long

// Whether `next` lies before `seen`. Versions that cannot be compared are trusted.
bool before(const std::string& next, const std::string& seen) {
  const auto order = meta::compare_resource_versions(next, seen);
  return order && *order < 0;
}

// After these the versions seen are still good, and the watch is opened again where it ended.
bool resumable(Errc code) {
  switch (code) {
    case Errc::throttled:
    case Errc::transport:
    case Errc::server:
    case Errc::unauthorized:
    case Errc::forbidden:
    case Errc::not_found:
    case Errc::cancelled:
      return true;
    case Errc::gone:
    case Errc::invalid:
    case Errc::conflict:
    case Errc::already_exists:
      return false;
  }
  return false;
}

// The server was away, or, as one that starts and knows no roles yet, was not ready for anybody.
bool did_not_serve(const Error& error) {
  switch (error.code) {
    case Errc::transport:
    case Errc::server:
    case Errc::unauthorized:
    case Errc::forbidden:
      return error.retry_after == Millis{0};
    default:
      return false;
  }
}

}  // namespace

ReflectorFsm::Action ReflectorFsm::start(SteadyTime now) { return relist(now); }

ReflectorFsm::Action ReflectorFsm::relist(SteadyTime now) {
  if (!streams_) return fetch_first();
  listing_ = true;
  watching_ = false;
  watch_opened_ = now;
  watch_had_events_ = false;
  return StreamList{timeout(), kLongestStream};
}

ReflectorFsm::Action ReflectorFsm::fetch_first() {
  listing_ = false;
  watching_ = false;
  paged_ = true;
  first_page_ = true;
  return FetchPage{true, {}, kPageSize};
}

ReflectorFsm::Action ReflectorFsm::page_fetched(SteadyTime now, const Result<ListMeta>& page) {
  if (!page) {
    const Error& error = page.error();
    // The snapshot that the pages continue was compacted away: it takes one request for everything.
    if (error.code == Errc::gone && !first_page_) {
      paged_ = false;
      first_page_ = true;
      return FetchPage{true, {}, 0};
    }
    return sleep_after(error, true, now);
  }
  const ListMeta& meta = page.value();
  if (!meta.continue_token.empty()) {
    first_page_ = false;
    return FetchPage{false, meta.continue_token, paged_ ? kPageSize : 0};
  }
  if (before(meta.resource_version, seen_)) return refused(now, meta.resource_version);
  listed_ = meta.resource_version;
  return Replace{listed_};
}

ReflectorFsm::Action ReflectorFsm::refused(SteadyTime now, const std::string& listed) {
  if (!refused_since_) refused_since_ = now;
  Sleep sleep = sleep_before(true, now);
  sleep.refused_version = listed;
  sleep.went_back = now - *refused_since_ >= kLongestRefusal;
  return sleep;
}

ReflectorFsm::Action ReflectorFsm::list_unended() {
  streams_ = false;
  return fetch_first();
}

ReflectorFsm::Action ReflectorFsm::replaced(SteadyTime now) {
  seen_ = listed_;
  refused_since_.reset();
  list_began_ = now;
  return open_watch(now);
}

ReflectorFsm::Action ReflectorFsm::open_watch(SteadyTime now) {
  watching_ = true;
  watch_opened_ = now;
  watched_from_ = seen_;
  heard_ = now;
  watch_had_events_ = false;
  return OpenWatch{seen_, timeout()};
}

std::chrono::seconds ReflectorFsm::timeout() {
  return std::chrono::seconds{static_cast<int>(kShortestTimeout * (1.0 + random_.unit()))};
}

ReflectorFsm::Verdict ReflectorFsm::accept(const WatchEvent& event) {
  const std::string& version = event.identity.resource_version;
  if (listing_) {
    watch_had_events_ = true;
    if (event.type != EventType::bookmark) return Verdict::stage;
    if (!event.initial_events_end) return Verdict::ignore;
    if (before(version, seen_)) return Verdict::refuse;
    listing_ = false;
    refused_since_.reset();
    list_began_ = watch_opened_;
    watching_ = true;
    seen_ = version;
    return Verdict::commit;
  }
  if (before(version, seen_)) return Verdict::ignore;
  watch_had_events_ = true;
  if (version == seen_) return Verdict::ignore;
  seen_ = version;
  return Verdict::apply;
}

ReflectorFsm::Action ReflectorFsm::watch_ended(SteadyTime now, const Result<void>& outcome) {
  watching_ = false;
  if (std::exchange(listing_, false)) {
    if (!outcome && outcome.error().code == Errc::invalid) return fetch_first();  // an object that no line can hold
    return outcome ? sleep_before(true, now) : sleep_after(outcome.error(), true, now);
  }
  if (outcome) {
    // A bookmark of the version that was asked for is nothing new.
    const bool useless = now - watch_opened_ < kShortWatch && seen_ == watched_from_;
    if (useless) return sleep_before(false, now);
    if (now - watch_opened_ >= kSilentWatch && !watch_had_events_) return relist(now);
    return open_watch(now);
  }
  const bool resumes = resumable(outcome.error().code);
  // Load balancers break off what is quiet: that is no failure that the next delay has to be longer for.
  if (resumes && now - watch_opened_ >= kLongWatch) backoff_.reset();
  // A server that keeps refusing what it listed must not be asked for lists in a loop.
  if (outcome.error().code == Errc::gone && now - list_began_ >= kRecentList) return relist(now);
  return sleep_after(outcome.error(), !resumes, now);
}

ReflectorFsm::Action ReflectorFsm::watch_refused(SteadyTime now, const Error& error) {
  if (listing_ && error.code == Errc::invalid) return list_unended();
  return watch_ended(now, error);
}

std::optional<Millis> ReflectorFsm::served(SteadyTime now) {
  if (!may_be_shortened_) return std::nullopt;
  const Millis soon{static_cast<Millis::rep>(1'000 * random_.unit())};  // not all at once
  if (now + soon >= asleep_until_) return std::nullopt;
  std::erase_if(shortened_, [now](SteadyTime at) { return now - at >= kShortenedFor; });
  if (shortened_.size() == kMostShortened) return std::nullopt;
  shortened_.push_back(now);
  may_be_shortened_ = false;
  return soon;
}

Sleep ReflectorFsm::sleep_after(const Error& error, bool relist, SteadyTime now) {
  Sleep sleep = sleep_before(relist, now, error.retry_after);
  may_be_shortened_ = did_not_serve(error);
  return sleep;
}

Sleep ReflectorFsm::sleep_before(bool relist, SteadyTime now, Millis at_least) {
  relist_after_sleep_ = relist;
  may_be_shortened_ = false;
  const Millis delay = std::max(backoff_.next(now), at_least);
  asleep_until_ = now + delay;
  return {delay, {}};
}

ReflectorFsm::Action ReflectorFsm::slept(SteadyTime now) {
  may_be_shortened_ = false;
  return relist_after_sleep_ ? relist(now) : open_watch(now);
}

}  // namespace atelier::kube
