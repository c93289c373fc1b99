#include "engine/part.h"

#include <algorithm>

namespace atelier::engine {

const PodObservation* Unit::pod(std::int64_t attempt) const {
  const auto same = [attempt](const PodObservation& one) { return one.attempt == attempt; };
  const auto at = std::find_if(pods.begin(), pods.end(), same);
  return at == pods.end() ? nullptr : &*at;
}

void Unit::see(PodObservation pod) {
  const auto before = [](const PodObservation& one, std::int64_t attempt) { return one.attempt < attempt; };
  const auto at = std::lower_bound(pods.begin(), pods.end(), pod.attempt, before);
  if (at != pods.end() && at->attempt == pod.attempt) {
    *at = std::move(pod);
  } else {
    pods.insert(at, std::move(pod));
  }
}

Unit::Rare& Unit::have_rare() {
  if (rare == nullptr) rare = std::make_unique<Rare>();
  return *rare;
}

bool has_ended(const PodObservation& pod) {
  return pod.phase == PodPhase::succeeded || pod.phase == PodPhase::failed || (pod.deleting && pod.force_deleted);
}

}  // namespace atelier::engine
