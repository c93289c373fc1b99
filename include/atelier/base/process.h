// The port for running other programs, so that what depends on them can be tested without any.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "atelier/base/time.h"

namespace atelier {

struct Command {
  std::vector<std::string> argv;  // no shell; argv[0] without a slash is looked for in $PATH. Not empty.
  std::vector<std::pair<std::string, std::string>> env;  // on top of this process's environment
  Millis timeout{60'000};
  std::size_t longest_output = std::size_t{1} << 20;
};

struct ProcessEnd {
  enum class How {
    exited,       // `code` is its exit code
    signalled,    // `code` is the signal
    timed_out,    // it was killed
    too_long,     // it wrote more than it may, and was killed
    not_found,    // there is no such program
    not_started,  // `code` is the system's error
  };

  How how = How::exited;
  int code = 0;
  std::string output;       // everything it wrote to its standard output
  std::string diagnostics;  // the last 2 KiB of its standard error
};

// Destroying it kills the program and what it started in its process group; `done` does not run afterwards.
class Process {
 public:
  virtual ~Process() = default;
};

// All calls and callbacks happen on one loop.
class ProcessRunner {
 public:
  virtual ~ProcessRunner() = default;

  // Starts a program with an empty standard input and none of this process's other descriptors. `done` never runs
  // inside this call. A program it leaves behind in the background is let alone when it ends by itself.
  [[nodiscard]] virtual std::unique_ptr<Process> run(Command command, std::function<void(ProcessEnd)> done) = 0;
};

}  // namespace atelier
