// The steps as the command line knows them.
#pragma once

#include <span>
#include <string>

#include "stage/outcome.h"

namespace atelier::stage {

inline constexpr char kDefaultResultPath[] = "/dev/termination-log";

extern const char kHelp[];

// Runs the step that `words` (argv without the program) asks for. `now` in seconds since the epoch.
Outcome run_command(std::span<const std::string> words, long long now);

// Where the outcome goes: the value of --result, wherever it stands, else kDefaultResultPath.
std::string result_path(std::span<const std::string> words);

}  // namespace atelier::stage
