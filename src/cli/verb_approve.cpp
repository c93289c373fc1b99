#include <algorithm>
#include <nlohmann/json.hpp>
#include <ostream>

#include "atelier/api/validate.h"
#include "atelier/kube/request.h"
#include "cli/approval.h"
#include "cli/identity.h"
#include "cli/objects.h"
#include "cli/printable.h"
#include "cli/program.h"
#include "cli/verbs.h"

namespace atelier::cli {
namespace {

struct Asked {
  std::string run;
  std::string task;
  bool reject = false;
  std::string comment;
};

Result<int> approve(const Asked& asked, Session& session, Terminal& terminal) {
  if (!api::is_dns_label(asked.task)) return invalid("\"" + asked.task + "\" can be no task's name");
  ATELIER_TRY(const api::PipelineRun run, fetch_as<api::PipelineRun>(session, asked.run));
  const auto pipeline = fetch_as<api::Pipeline>(session, run.spec.pipeline.name);
  ATELIER_TRY(const std::string user, own_user_name(session));
  api::ApprovalSpec word;
  word.run = {run.metadata.name, run.metadata.uid};
  word.task = asked.task;
  word.decision = asked.reject ? "Reject" : "Approve";
  word.user = user;
  word.comment = asked.comment;
  ATELIER_TRY(const nlohmann::json manifest, approval(word, run, pipeline ? &pipeline.value().spec : nullptr));
  const auto made = session.ask(kube::create(kind_for<api::Approval>().resource, session.ns(), manifest));
  if (!made) return told(made.error(), {"approval", {session.ns(), ""}}, session.server());
  terminal.out << printable(asked.task + " of run " + asked.run + " is " + (asked.reject ? "rejected" : "approved") +
                            " by " + user)
               << "\n";
  return kDone;
}

}  // namespace

void add_approve(Program& program) {
  const auto asked = std::make_shared<Asked>();
  CLI::App& verb =
      program.add("approve", "Approve a task that waits for people, or reject it, in your own name.",
                  [asked, &program](Session& session) { return approve(*asked, session, program.terminal()); });
  verb.add_option("RUN", asked->run, "The run")->required();
  verb.add_option("TASK", asked->task, "The task that waits for approval")->required();
  verb.add_flag("--reject", asked->reject, "Say no: the task fails at once");
  verb.add_option("-m,--comment", asked->comment, "What others are to know about it, at most 256 characters")
      ->type_name("WORDS");
}

}  // namespace atelier::cli
