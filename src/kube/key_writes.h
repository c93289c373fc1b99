// How often each key is written, so that a key that is written again and again shows. Pure.
#pragma once

#include <cstddef>
#include <map>

#include "atelier/base/ids.h"
#include "atelier/base/time.h"

namespace atelier::kube {

// Remembers the keys of the last two minutes. The present minute counts in full, the one before it by the share of it
// that lies within the last sixty seconds.
class KeyWrites {
 public:
  void add(const ObjectKey& key, std::size_t writes, SteadyTime now);
  // The writes within the last minute of the key that has most of them.
  double most(SteadyTime now);

 private:
  using Counts = std::map<ObjectKey, std::size_t>;
  void turn(SteadyTime now);

  SteadyTime began_{};
  Counts present_;
  Counts before_;
};

}  // namespace atelier::kube
