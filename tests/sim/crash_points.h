// An operator that crashes at a write of a story: before it is applied, after it, or with the write arriving long after
// the crash. Another takes over.
#pragma once

#include "sim/run_story.h"

namespace atelier::sim {

enum class Crash { before, after, late };

Ending play_crash(const Story& story, std::uint64_t seed, Crash crash, std::size_t at_write);

// At each write in each way: the story must end as if nothing had happened. It is to have more than `least` writes.
void crash_at_every_write(const Story& story, std::size_t least);

}  // namespace atelier::sim
