// The command line as a whole: verbs, their options, what an error becomes. Exit codes: see failure.h.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cli/session.h"
#include "cli/terminal.h"

namespace atelier::cli {

using Connect = std::function<Result<std::unique_ptr<Session>>(const ClusterOptions&)>;

class Program {
 public:
  // What it does when it is chosen; the exit code, or an error that becomes one.
  using Offline = std::function<Result<int>()>;
  using Online = std::function<Result<int>(Session&)>;
  using Open = std::function<Result<std::unique_ptr<Session>>()>;
  using Either = std::function<Result<int>(const Open&)>;  // a cluster only where it needs one

  // `called` is how it was started: as "kubectl-atelier" it is "kubectl atelier" in all texts. Borrows the terminal.
  Program(const std::string& called, Terminal& terminal, Connect connect);

  int run(std::vector<std::string> arguments);

  Terminal& terminal() { return terminal_; }
  CLI::App& app() { return app_; }
  std::string name() const { return app_.get_name(); }

  CLI::App& add(const std::string& verb, const std::string& about, Offline action);
  // With the options that say which cluster and namespace.
  CLI::App& add(const std::string& verb, const std::string& about, Online action);
  CLI::App& add(const std::string& verb, const std::string& about, Either action);

 private:
  int fail(const Error& error);

  Terminal& terminal_;
  Connect connect_;
  CLI::App app_{"Workspaces and pipelines from the command line."};
  ClusterOptions cluster_;
  Offline chosen_;
};

}  // namespace atelier::cli
