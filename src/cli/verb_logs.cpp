#include "atelier/api/validate.h"
#include "cli/objects.h"
#include "cli/phase.h"
#include "cli/program.h"
#include "cli/task_logs.h"
#include "cli/verbs.h"
#include "cli/why.h"

namespace atelier::cli {
namespace {

struct Asked {
  std::string run;
  LogsAsked logs;
  bool follow = false;
};

Result<int> run(const Asked& asked, Session& session, Terminal& terminal) {
  ATELIER_TRY(const api::PipelineRun found, fetch_as<api::PipelineRun>(session, asked.run));
  if (!asked.logs.task.empty() && !api::is_dns_label(asked.logs.task)) {
    return invalid("\"" + asked.logs.task + "\" can be no task's name; of a forEach, all items are printed");
  }
  const api::PipelineRunStatus& status = found.status;
  const bool strange = !asked.logs.task.empty() && !status.tasks.empty() && tells_all(status) &&
                       find_task(status, asked.logs.task) == nullptr;
  if (strange) {
    return Error{Errc::not_found, "run \"" + asked.run + "\" has no task \"" + asked.logs.task +
                                      "\"; see: atelier describe run " + asked.run};
  }
  const bool more = asked.follow && !is_over(found);
  return more ? follow_logs(session, found, asked.logs, terminal) : print_logs(session, found, asked.logs, terminal);
}

std::string can_be_lines(const std::string& text) {
  constexpr std::size_t kMostDigits = 9;
  const bool can =
      !text.empty() && text.size() <= kMostDigits && text.find_first_not_of("0123456789") == std::string::npos;
  return can ? "" : "\"" + text + "\" is no number of lines, such as 100";
}

}  // namespace

void add_logs(Program& program) {
  const auto asked = std::make_shared<Asked>();
  CLI::App& verb =
      program.add("logs", "Print what the tasks of a run have written, without control characters.",
                  [asked, &program](Session& session) { return run(*asked, session, program.terminal()); });
  verb.add_option("RUN", asked->run, "The run")->required();
  verb.add_option("TASK", asked->logs.task,
                  "Only this task, with all its attempts; without it all, in the order of time");
  verb.add_flag("-f,--follow", asked->follow, "Go on as more is written, until the task or run is over");
  verb.add_option("--container", asked->logs.container, "A sidecar of the task; without it the task itself")
      ->type_name("NAME");
  verb.add_option("--tail", asked->logs.last_lines, "Only the last lines of each pod")
      ->type_name("LINES")
      ->check(CLI::Validator(can_be_lines, ""));
}

}  // namespace atelier::cli
