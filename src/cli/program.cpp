#include "cli/program.h"

#include <algorithm>
#include <ostream>

#include "atelier/api/validate.h"
#include "cli/failure.h"
#include "cli/printable.h"
#include "cli/verbs.h"

namespace atelier::cli {
namespace {

std::string name_as_called(const std::string& called) {
  const std::string name = called.substr(called.rfind('/') + 1);
  return name.starts_with("kubectl-") ? "kubectl " + name.substr(8) : "atelier";
}

// What is wrong in the words that were typed, and where all that could stand there is listed.
std::string usage_error(const CLI::App& app, const CLI::ParseError& error) {
  const auto chosen = app.get_subcommands();
  const std::vector<std::string> before_verb = app.remaining();
  std::string message = error.what();
  if (chosen.empty() && !before_verb.empty() && !before_verb.front().starts_with("-")) {
    message = "there is no subcommand \"" + before_verb.front() + "\"; there are";
    const char* separator = " ";
    for (const CLI::App* verb : app.get_subcommands([](const CLI::App*) { return true; })) {
      message += separator + verb->get_name();
      separator = ", ";
    }
  } else if (!before_verb.empty()) {
    message = before_verb.front() + " is no option of " + app.get_name() + " itself; those of a subcommand follow it";
  }
  constexpr std::string_view kNoValue = ": 1 required ";
  if (const std::size_t at = message.find(kNoValue);
      at != std::string::npos && error.get_name() == "ArgumentMismatch") {
    message = message.substr(0, at) + " needs a value";
  }
  const std::string verb = chosen.empty() ? "" : " " + chosen.front()->get_name();
  return "atelier: " + printable(message) + "\nRun " + app.get_name() + verb + " --help for more information.\n";
}

// Kubernetes allows no other: an answer about one that cannot be would only look empty.
std::string can_be_namespace(const std::string& name) {
  const bool can = name.empty() || api::is_dns_label(name);
  return can ? "" : "\"" + name + "\" can be no namespace's name";
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
      ->check(CLI::Validator(can_be_namespace, ""))
      ->group(group);
  return added;
}

int Program::run(std::vector<std::string> arguments) {
  std::reverse(arguments.begin(), arguments.end());  // as CLI11 takes them
  try {
    app_.parse(std::move(arguments));
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app_.exit(error, terminal_.out, terminal_.err);  // help was asked for
    terminal_.err << usage_error(app_, error);
    return kUsage;
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
