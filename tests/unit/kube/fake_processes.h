// Programs of a test: nothing runs, the test says how each ends.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "atelier/base/process.h"

namespace atelier::testing {

class FakeProcesses final : public ProcessRunner {
 public:
  struct Run {
    Command command;
    std::function<void(ProcessEnd)> done;  // empty when it has ended
    bool killed = false;

    std::string variable(const std::string& name) const {
      for (const auto& [key, value] : command.env) {
        if (key == name) return value;
      }
      return {};
    }
  };

  std::unique_ptr<Process> run(Command command, std::function<void(ProcessEnd)> done) override {
    runs.push_back(std::make_shared<Run>(Run{std::move(command), std::move(done)}));
    return std::make_unique<Handle>(runs.back());
  }

  // The last run ends.
  void end(ProcessEnd end) { std::exchange(runs.back()->done, nullptr)(std::move(end)); }
  void write(const std::string& output) {
    ProcessEnd ended;
    ended.output = output;
    end(std::move(ended));
  }
  void fail(int code, const std::string& diagnostics) {
    ProcessEnd ended;
    ended.code = code;
    ended.diagnostics = diagnostics;
    end(std::move(ended));
  }

  std::vector<std::shared_ptr<Run>> runs;

 private:
  class Handle final : public Process {
   public:
    explicit Handle(std::shared_ptr<Run> run) : run_(std::move(run)) {}
    ~Handle() override {
      run_->killed = run_->done != nullptr;
      run_->done = nullptr;
    }

   private:
    std::shared_ptr<Run> run_;
  };
};

}  // namespace atelier::testing
