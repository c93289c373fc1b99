#include "kube/lease_fsm.h"

namespace atelier::kube {

LeaseFsm::Action LeaseFsm::start() { return Read{}; }

std::optional<SteadyTime> LeaseFsm::deadline() const {
  if (!leading_) return std::nullopt;
  return renewed_at_ + times_.renew_deadline;
}

LeaseFsm::Action LeaseFsm::was_read(SteadyTime now, WallTime wall, const Result<LeaseRecord>& read) {
  if (!read) {
    if (read.error().code != Errc::not_found) return retry(now);
    observed_.reset();
    reread_ = false;
    return claim(now, wall);
  }
  if (observed_ != read.value()) {
    observed_ = read.value();
    observed_at_ = now;
  }
  reread_ = false;
  const bool free = observed_->holder.empty() || observed_->holder == identity_;
  if (!free) {
    if (leading_) {  // someone took it over: our own clock or network was too slow
      leading_ = false;
      return Lost{};
    }
    if (now < observed_at_ + std::chrono::seconds{observed_->duration_seconds}) return retry(now);
  }
  return claim(now, wall);
}

LeaseFsm::Action LeaseFsm::claim(SteadyTime now, WallTime wall) {
  asked_at_ = now;
  LeaseRecord record;
  record.holder = identity_;
  record.duration_seconds = std::chrono::duration_cast<std::chrono::seconds>(times_.duration).count();
  record.renew_time = wall;
  record.acquire_time = wall;
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
  if (releasing_) return Done{};
  if (!written) {
    reread_ = true;  // another was faster, or the answer was lost and the write may have been applied
    const bool outdated = written.error().code == Errc::conflict || written.error().code == Errc::already_exists;
    if (outdated && (!leading_ || now < *deadline())) return Read{};
    return retry(now);
  }
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
  if (now >= *deadline()) {
    leading_ = false;
    return Lost{};
  }
  return Wait{std::min(times_.retry_period, std::chrono::ceil<Millis>(*deadline() - now))};
}

LeaseFsm::Action LeaseFsm::waited(SteadyTime now, WallTime wall) {
  if (leading_ && now >= *deadline()) {
    leading_ = false;
    return Lost{};
  }
  if (!leading_ || reread_) return Read{};
  return claim(now, wall);
}

LeaseFsm::Action LeaseFsm::release(WallTime wall) {
  if (!leading_ || !observed_) return Done{};
  leading_ = false;
  releasing_ = true;
  LeaseRecord record = *observed_;
  record.holder.clear();
  record.duration_seconds = 1;
  record.acquire_time = wall;
  record.renew_time = wall;
  return Update{record};
}

}  // namespace atelier::kube
