#include "reconcile/late_creates.h"

#include <algorithm>
#include <string>

#include "reconcile/run_memory.h"

namespace atelier::reconcile {
namespace {

// Whether the API server has decided, so that nothing of the request is left to come.
bool is_decided(Errc code) {
  switch (code) {
    case Errc::not_found:
    case Errc::already_exists:
    case Errc::conflict:
    case Errc::gone:
    case Errc::throttled:
    case Errc::invalid:
    case Errc::forbidden:
    case Errc::unauthorized:
      return true;
    case Errc::transport:
    case Errc::cancelled:
    case Errc::server:  // "etcd timed out", or a proxy that did not wait
      return false;
  }
  return false;
}

}  // namespace

void LateCreates::learn(std::string_view ns, const kube::Feedback& feedback) {
  const std::string prefix = create_id("");
  for (const auto& [id, answer] : feedback.results) {
    if (!id.starts_with(prefix) || answer || is_decided(answer.error().code)) continue;
    const SteadyTime now = loop_.now();
    std::erase_if(own_, [now](const auto& one) { return one.second <= now; });
    own_[{std::string(ns), id.substr(prefix.size())}] = now + kLongest;
  }
}

bool LateCreates::any() const {
  const SteadyTime now = loop_.now();
  return of_others_ > now || std::any_of(own_.begin(), own_.end(), [now](const auto& one) { return one.second > now; });
}

Millis LateCreates::wait(const ObjectKey& pod) const {
  const auto own = own_.find(pod);
  const SteadyTime until = own == own_.end() ? of_others_ : std::max(of_others_, own->second);
  if (until <= loop_.now()) return Millis{0};
  return std::chrono::duration_cast<Millis>(until - loop_.now()) + Millis{1};
}

}  // namespace atelier::reconcile
