// Stories in which people have their say while a run is under way, and after it.
#pragma once

#include <string>
#include <vector>

#include "sim/run_story.h"

namespace atelier::sim {

// The policy without which no approval counts, in force when this returns.
void make_approval_policy(SimWorld& world);
// `user`'s word, "Approve" or "Reject", on the task of a run that is there.
void give_approval(SimWorld& world, const std::string& run, const std::string& task, const std::string& user,
                   const std::string& decision = "Approve");

// A person suspends the run, has a task of it skipped and lets it go on, two others approve, and it is cancelled. Each
// does so when status says that it is time.
Story controlled_run();

// A run that fails, "retry-1" that goes on from it with what it left, large results and those of items too, and
// "rerun-1", all of it once more with other parameters. All are declared at once and wait for each other; the first is
// deleted as soon as the retry can do without it.
Story run_again();

// "task state reason" of a run's status, sorted by task.
std::vector<std::string> ends_of(const nlohmann::json& status);

}  // namespace atelier::sim
