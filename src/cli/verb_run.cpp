#include <nlohmann/json.hpp>
#include <ostream>

#include "atelier/kube/request.h"
#include "cli/identity.h"
#include "cli/new_run.h"
#include "cli/objects.h"
#include "cli/printable.h"
#include "cli/program.h"
#include "cli/verbs.h"
#include "cli/wait.h"

namespace atelier::cli {
namespace {

using nlohmann::json;

struct Waiting {
  bool wait = false;
  std::string timeout;
};

struct Asked {
  std::string pipeline;
  std::vector<std::string> params;
  std::string name;
  Waiting waiting;
};

Result<std::optional<Millis>> longest_of(const Waiting& waiting) {
  if (waiting.timeout.empty()) return std::optional<Millis>{};
  const auto parsed = parse_duration(waiting.timeout);
  if (!parsed) return invalid("--timeout: " + parsed.error().message);
  if (!waiting.wait) return invalid("--timeout says how long to wait: give --wait as well");
  return std::optional(parsed.value());
}

// Prints the new run's name, alone, so that a script can take it.
Result<int> make(const json& manifest, const Waiting& waiting, Session& session, Terminal& terminal) {
  ATELIER_TRY(const auto longest, longest_of(waiting));
  const auto made = session.ask(kube::create(kind_for<api::PipelineRun>().resource, session.ns(), manifest));
  if (!made) {
    Error error = told(made.error(), {"run", {session.ns(), manifest["metadata"].value("name", "")}}, session.server());
    if (error.code == Errc::transport) error.message += " The run may have been made; see: atelier get runs";
    return error;
  }
  ATELIER_TRY(const api::PipelineRun run, read_as<api::PipelineRun>(made.value()));
  terminal.out << printable(run.metadata.name) << "\n" << std::flush;
  if (!waiting.wait) return kDone;
  return wait_for_end(session, run.metadata.key(), run.metadata.uid, longest, terminal);
}

Result<int> start(const Asked& asked, Session& session, Terminal& terminal) {
  ATELIER_TRY(check_name(asked.name));
  ATELIER_TRY(const auto params, parse_params(asked.params));
  ATELIER_TRY(longest_of(asked.waiting));
  ATELIER_TRY(const api::Pipeline pipeline, fetch_as<api::Pipeline>(session, asked.pipeline));
  std::string author;
  if (has_approvals(pipeline.spec)) {
    ATELIER_TRY(author, own_user_name(session));
  }
  ATELIER_TRY(const json manifest, new_run(pipeline, asked.name, params, author));
  const meta::Condition* ready = meta::find_condition(pipeline.status.conditions, "Ready");
  if (ready != nullptr && ready->status == meta::ConditionStatus::false_) {
    terminal.err << "the run will wait: pipeline " << asked.pipeline
                 << " is not ready: " << printable(ready->reason + ": " + ready->message) << "\n";
  }
  return make(manifest, asked.waiting, session, terminal);
}

Result<int> retry(const std::string& name, const Waiting& waiting, Session& session, Terminal& terminal) {
  ATELIER_TRY(longest_of(waiting));
  ATELIER_TRY(const api::PipelineRun before, fetch_as<api::PipelineRun>(session, name));
  std::string author;
  if (!before.spec.author.empty()) {
    ATELIER_TRY(author, own_user_name(session));
  }
  ATELIER_TRY(const json manifest, retry_of(before, author));
  return make(manifest, waiting, session, terminal);
}

void add_waiting(CLI::App& verb, Waiting& waiting) {
  verb.add_flag("--wait", waiting.wait, "Follow it to its end; the exit code is 0 if it succeeded, else 1");
  verb.add_option("--timeout", waiting.timeout, "With --wait: for so long, as in 30m; the run goes on")
      ->type_name("DURATION");
}

}  // namespace

void add_run(Program& program) {
  const auto asked = std::make_shared<Asked>();
  CLI::App& verb =
      program.add("run", "Start a run of a pipeline and print its name.",
                  [asked, &program](Session& session) { return start(*asked, session, program.terminal()); });
  verb.add_option("PIPELINE", asked->pipeline, "The pipeline's name")->required();
  verb.add_option("-p,--param", asked->params, "A parameter; as often as needed")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
  verb.add_option("--name", asked->name, "The run's name; without it the pipeline's with a few letters")
      ->type_name("NAME");
  add_waiting(verb, asked->waiting);
}

void add_retry(Program& program) {
  const auto name = std::make_shared<std::string>();
  const auto waiting = std::make_shared<Waiting>();
  CLI::App& verb = program.add(
      "retry", "Start a run that takes over what succeeded in a failed or cancelled one, and print its name.",
      [name, waiting, &program](Session& session) { return retry(*name, *waiting, session, program.terminal()); });
  verb.add_option("RUN", *name, "The run to retry")->required();
  add_waiting(verb, *waiting);
}

}  // namespace atelier::cli
