// How many tasks have ended, and how.
#pragma once

#include <cstddef>

#include "engine/part.h"
#include "engine/stop.h"

namespace atelier::engine {

struct Tally {
  std::size_t ended = 0;
  std::size_t failed = 0;     // and the run does not go on without them
  std::size_t cancelled = 0;  // of finally: ended by a stop, whatever it was
  std::size_t timed_out = 0;  // by the run's timeout

  void add(const Part& part, const Entry& entry, int times);
  bool operator==(const Tally&) const = default;
};

}  // namespace atelier::engine
