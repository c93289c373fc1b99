// Programs of a real process: started by posix_spawn, awaited on Asio.
#pragma once

#include "atelier/base/process.h"
#include "atelier/http/asio_loop.h"

namespace atelier::http {

// Nothing blocks the loop. A program that was killed is reaped when it is dead, at the latest with the loop's end.
class AsioProcesses final : public ProcessRunner {
 public:
  explicit AsioProcesses(AsioLoop& loop) : loop_(loop) {}  // borrowed; processes are destroyed before it

  std::unique_ptr<Process> run(Command command, std::function<void(ProcessEnd)> done) override;

 private:
  AsioLoop& loop_;
};

}  // namespace atelier::http
