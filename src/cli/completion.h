// What a shell completes, made of the command line's own description.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace atelier::cli {

// REQUIRES that `shell` is bash, zsh or fish.
std::string completion(const std::string& shell, const CLI::App& app);

}  // namespace atelier::cli
