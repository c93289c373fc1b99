#include "atelier/kube/lease_fsm.h"

#include <utility>

#include "atelier/meta/resource_version.h"

namespace atelier::kube {

LeaseFsm::Action LeaseFsm::start() { return Read{}; }

std::optional<SteadyTime> LeaseFsm::deadline() const {
  if (!leading_) return std::nullopt;
  return renewed_at_ + times_.renew_deadline;
}

LeaseFsm::Action LeaseFsm::was_read(SteadyTime now, WallTime wall, const Result<LeaseRecord>& read) {
  if (releasing_) {
    if (!read || read.value().holder != identity_) return Done{};
    observed_ = read.value();
    return give_up(wall);
  }
  if (!read) {
    if (read.error().code != Errc::not_found) return retry(now);
    observed_.reset();
    reread_ = false;
    return claim(now, wall);
  }
  if (auto back = went_back(read.value())) return *std::move(back);
  if (observed_ != read.value()) {
    observed_ = read.value();
    observed_at_ = now;
  }
  reread_ = false;
  maybe_held_ = false;
  const bool free = observed_->holder.empty() || observed_->holder == identity_;
  if (!free) {
    if (leading_) return lose();  // someone took it over: our own clock or network was too slow
    if (now < observed_at_ + std::chrono::seconds{observed_->duration_seconds}) return retry(now);
  }
  return claim(now, wall);
}

LeaseFsm::Action LeaseFsm::claim(SteadyTime now, WallTime wall) {
  asked_at_ = now;
  maybe_held_ = true;
  if (!leading_) handed_over_ = observed_ && observed_->holder.empty() && observed_->settled == observed_->transitions;
  LeaseRecord record;
  record.holder = identity_;
  record.duration_seconds = std::chrono::duration_cast<std::chrono::seconds>(times_.duration).count();
  record.renew_time = wall;
  record.acquire_time = wall;
  renew_asked_ = wall;
  if (!observed_) return Create{record};
  record.resource_version = observed_->resource_version;
  record.transitions = observed_->transitions;
  if (observed_->holder == identity_) {
    record.acquire_time = observed_->acquire_time;
  } else {
    ++record.transitions;
  }
  return Update{record};
}

LeaseFsm::Action LeaseFsm::was_written(SteadyTime now, const Result<LeaseRecord>& written) {
  const bool outdated =
      !written && (written.error().code == Errc::conflict || written.error().code == Errc::already_exists);
  if (releasing_) {
    // The claim or renewal that was under way came first: its version is the one to release.
    if (outdated && !std::exchange(reread_, true)) return Read{};
    return Done{};
  }
  if (!written) {
    reread_ = true;  // another was faster, or the answer was lost and the write may have been applied
    if (outdated && (!leading_ || now < *deadline())) return Read{};
    return retry(now);
  }
  if (auto back = went_back(written.value())) return *std::move(back);
  observed_ = written.value();
  observed_at_ = now;
  leading_ = true;
  renewed_at_ = asked_at_;  // not the time of the answer: the server counts from the write
  return Wait{times_.retry_period};
}

LeaseFsm::Action LeaseFsm::retry(SteadyTime now) {
  if (!leading_) {
    const double stretch = 1.0 + random_.unit() * times_.jitter;
    return Wait{Millis{static_cast<Millis::rep>(static_cast<double>(times_.retry_period.count()) * stretch)}};
  }
  if (now >= *deadline()) return lose();
  return Wait{std::min(times_.retry_period, std::chrono::ceil<Millis>(*deadline() - now))};
}

LeaseFsm::Action LeaseFsm::lose() {
  leading_ = false;
  maybe_held_ = false;
  return Lost{};
}

// Versions only grow. A restore that makes them grow, too, still takes renewals back.
std::optional<LeaseFsm::Action> LeaseFsm::went_back(const LeaseRecord& found) {
  const auto order = meta::compare_resource_versions(found.resource_version, newest_);
  const bool older = order && *order < 0;
  const bool renewed = leading_ && observed_ && found.holder == identity_ && observed_->holder == identity_;
  const bool taken_back =
      renewed && found.renew_time < observed_->renew_time && found.renew_time != renew_asked_ && found.renew_time;
  std::string seen = std::exchange(newest_, found.resource_version);
  if (!older && !taken_back) return std::nullopt;
  leading_ = false;
  maybe_held_ = false;
  return WentBack{std::move(seen), found.resource_version};
}

LeaseFsm::Action LeaseFsm::waited(SteadyTime now, WallTime wall) {
  if (leading_ && now >= *deadline()) return lose();
  if (!leading_ || reread_) return Read{};
  return claim(now, wall);
}

LeaseFsm::Action LeaseFsm::release(WallTime wall, bool settled) {
  if (!maybe_held_) return Done{};
  settled_ = settled && leading_;
  leading_ = false;
  releasing_ = true;
  reread_ = false;
  return give_up(wall);
}

// Conflicts with a claim under way, whichever comes first: what is left is never held by this process.
LeaseFsm::Action LeaseFsm::give_up(WallTime wall) {
  LeaseRecord record = observed_.value_or(LeaseRecord{});
  record.holder.clear();
  record.duration_seconds = 1;
  record.acquire_time = wall;
  record.renew_time = wall;
  record.settled.reset();
  if (settled_) record.settled = record.transitions;
  if (!observed_) return Create{record};
  return Update{record};
}

}  // namespace atelier::kube
