// What an entry of dependsOn asks of a predecessor.
//
//   extract            it succeeded, or was skipped on purpose: by its own `when` or by spec.skip of the run
//   extract.Succeeded  it succeeded
//   extract.Failed     it failed, when no attempt is left
//   extract.Skipped    it never ran, for whatever reason
//   extract.Ended      it ended, no matter how
#pragma once

#include <string>
#include <string_view>

#include "atelier/base/result.h"

namespace atelier::api {

enum class Ending { fine, succeeded, failed, skipped, any };

struct Dependency {
  std::string task;
  Ending on = Ending::fine;

  bool operator==(const Dependency&) const = default;
};

// A task's name has no dots, so that an entry splits in one way only. Error: invalid, naming the endings there are.
Result<Dependency> parse_dependency(std::string_view text);

// The name of the task that an entry is about, whether or not the entry is a good one.
std::string_view task_of_dependency(std::string_view text);

}  // namespace atelier::api
