#include "cli/program.h"

#include <algorithm>
#include <ostream>

#include "cli/failure.h"
#include "cli/printable.h"
#include "cli/verbs.h"

namespace atelier::cli {
namespace {

std::string name_as_called(const std::string& called) {
  const std::string name = called.substr(called.rfind('/') + 1);
  return name.starts_with("kubectl-") ? "kubectl " + name.substr(8) : "atelier";
}

}  // namespace

Program::Program(const std::string& called, Terminal& terminal, Connect connect)
    : terminal_(terminal), connect_(std::move(connect)) {
  app_.name(name_as_called(called));
  terminal_.program = app_.get_name();
  app_.get_formatter()->label("TEXT", "");
  app_.get_formatter()->label("REQUIRED", "(required)");
  app_.require_subcommand(1);
  app_.set_version_flag("--version", ATELIER_VERSION);
  app_.footer("Exit codes: 0 done, 1 failed, 2 wrong usage or input.");
  add_get(*this);
  add_describe(*this);
  add_why(*this);
  add_run(*this);
  add_logs(*this);
  add_cancel(*this);
  add_suspend(*this);
  add_retry(*this);
  add_approve(*this);
  add_rollback(*this);
  add_graph(*this);
  add_doctor(*this);
  add_uninstall(*this);
  add_lint(*this);
  add_convert(*this);
  add_completion(*this);
}

CLI::App& Program::add(const std::string& verb, const std::string& about, Offline action) {
  CLI::App& added = *app_.add_subcommand(verb, about);
  added.callback([this, action = std::move(action)] { chosen_ = action; });
  return added;
}

CLI::App& Program::add(const std::string& verb, const std::string& about, Online action) {
  return add(verb, about, Either{[action = std::move(action)](const Open& open) -> Result<int> {
               ATELIER_TRY(const auto session, open());
               return action(*session);
             }});
}

CLI::App& Program::add(const std::string& verb, const std::string& about, Either action) {
  CLI::App& added =
      add(verb, about,
          Offline{[this, action = std::move(action)] { return action([this] { return connect_(cluster_); }); }});
  const char* group = "Cluster";
  added.add_option("--kubeconfig", cluster_.kubeconfig, "Kubeconfig file; without it as kubectl finds it")
      ->type_name("FILE")
      ->group(group);
  added.add_option("--context", cluster_.context, "Context of the kubeconfig; its current one without it")
      ->type_name("NAME")
      ->group(group);
  added.add_option("-n,--namespace", cluster_.ns, "Namespace; the context's without it")
      ->type_name("NAME")
      ->group(group);
  return added;
}

int Program::run(std::vector<std::string> arguments) {
  std::reverse(arguments.begin(), arguments.end());  // as CLI11 takes them
  try {
    app_.parse(std::move(arguments));
  } catch (const CLI::ParseError& error) {
    return app_.exit(error, terminal_.out, terminal_.err) == 0 ? kDone : kUsage;
  }
  terminal_.ns = cluster_.ns;
  if (!cluster_.context.empty()) terminal_.cluster += " --context " + shell_word(cluster_.context);
  if (!cluster_.kubeconfig.empty()) terminal_.cluster += " --kubeconfig " + shell_word(cluster_.kubeconfig);
  const auto code = chosen_();
  terminal_.out.flush();
  if (!code) return fail(code.error());
  if (!terminal_.out) return fail({Errc::cancelled, "standard output cannot be written; is the disk full?"});
  return code.value();
}

int Program::fail(const Error& error) {
  terminal_.err << "atelier: " << printable(terminal_.as_called(error.message)) << "\n";
  return exit_code_of(error);
}

}  // namespace atelier::cli
