#include <memory>
#include <ostream>

#include "atelier/kube/request.h"
#include "cli/age.h"
#include "cli/objects.h"
#include "cli/phase.h"
#include "cli/printable.h"
#include "cli/program.h"
#include "cli/unlisted_task.h"
#include "cli/verbs.h"
#include "cli/why.h"
#include "reconcile/revision_record.h"

namespace atelier::cli {
namespace {

struct Asked {
  std::string what;
  std::string name;
  std::string task;
};

std::vector<Event> events_of(Session& session, const api::TaskStatus* task) {
  const bool pending = task != nullptr && task->state == "Running" && !task->pod.empty();
  return pending ? events_of_pod(session, session.ns(), task->pod) : std::vector<Event>{};
}

// Of a task that is not among the rows of status.
Result<api::TaskStatus> of_pinned(Session& session, const api::PipelineRun& run, const std::string& task) {
  const ObjectKey key{run.metadata.ns, run.status.pin->revision};
  const auto text = session.read(kube::get(kube::kControllerRevisions, key));
  if (!text) return told(text.error(), {"controllerrevision", key}, session.server());
  ATELIER_TRY(const auto revision, reconcile::decode_revision(text.value()));
  return unlisted_task(run, std::shared_ptr<const api::RunPlan>(revision, &revision->plan), task, session.now());
}

std::string listed(const api::PipelineRunStatus& status) {
  std::string out;
  for (const api::TaskStatus& task : status.tasks) out += (out.empty() ? "" : ", ") + task.name;
  return out.empty() ? "the run has not begun any" : "the run tells of " + out;
}

Result<Why> of_run(Session& session, const std::string& name, const std::string& task) {
  ATELIER_TRY(const api::PipelineRun run, fetch_as<api::PipelineRun>(session, name));
  if (!task.empty()) {
    const api::TaskStatus* found = find_task(run.status, task);
    api::TaskStatus other;
    if (found == nullptr && !tells_all(run.status) && run.status.pin) {
      ATELIER_TRY(other, of_pinned(session, run, task));
      found = &other;
    }
    if (found == nullptr) {
      return Error{Errc::not_found,
                   "run \"" + name + "\" says nothing of a task \"" + task + "\"; " + listed(run.status)};
    }
    return why_task(run, *found, events_of(session, found), session.now());
  }
  std::string workspace;
  if (!run.status.pin) {  // it has not started: its pipeline says whose
    const auto pipeline = fetch_as<api::Pipeline>(session, run.spec.pipeline.name);
    if (pipeline) workspace = pipeline.value().spec.workspace.name;
  }
  return why_run(run, events_of(session, culprit(run)), workspace, session.now());
}

template <class Kind>
Result<std::pair<Kind, Readiness>> read(Session& session, const KindName& kind, const std::string& name) {
  ATELIER_TRY(Kind object, fetch_as<Kind>(session, name));
  Readiness out;
  out.what = kind.singular;
  out.key = object.metadata.key();
  out.conditions = object.status.conditions;
  out.made = object.metadata.creation_timestamp;
  return std::pair(std::move(object), std::move(out));
}

Result<Why> of_workspace(Session& session, const KindName& kind, const std::string& name) {
  ATELIER_TRY(auto found, (read<api::Workspace>(session, kind, name)));
  auto& [workspace, readiness] = found;
  readiness.workspace = name;
  if (const auto& live = workspace.status.release) {
    const std::string what = "release " + live->id.substr(0, 12) + " of " + live->image;
    const std::string since = live->time ? ", published " + age(live->time, session.now()) + " ago" : "";
    readiness.good = what + " is live at " + live->location + since;
    readiness.kept = "Meanwhile " + what + " stays live" + since;
    if (!workspace.spec.dags.release.empty()) {
      readiness.good +=
          "; it is pinned to release " + workspace.spec.dags.release + ", so new images are not published";
    }
  } else {
    readiness.kept = "Nothing of it is live";
  }
  return why_ready(readiness, session.now());
}

Result<Why> of_object(Session& session, const KindName& kind, const std::string& name) {
  if (kind.kind == api::Workspace::kKind) return of_workspace(session, kind, name);
  if (kind.kind == api::Pipeline::kKind) {
    ATELIER_TRY(auto found, (read<api::Pipeline>(session, kind, name)));
    found.second.workspace = found.first.spec.workspace.name;
    found.second.good = "runs can start: atelier run " + name;
    return why_ready(found.second, session.now());
  }
  if (kind.kind == api::DataDomain::kKind) {
    ATELIER_TRY(const auto found, (read<api::DataDomain>(session, kind, name)));
    return why_ready(found.second, session.now());
  }
  if (kind.kind == api::BusinessDomain::kKind) {
    ATELIER_TRY(const auto found, (read<api::BusinessDomain>(session, kind, name)));
    return why_ready(found.second, session.now());
  }
  return invalid("an approval is as it was given; ask why of its run");
}

// "RUN", "RUN TASK", "KIND NAME" or "run NAME TASK". A run that has the name of a kind is asked for in the last form.
Result<Why> answer(Session& session, const Asked& asked) {
  const auto kind = kind_of(asked.what);
  if (asked.name.empty()) {
    auto why = of_run(session, asked.what, "");
    if (why || why.error().code != Errc::not_found || !kind) return why;
    return Error{Errc::not_found, why.error().message + "; of a " + kind.value()->singular +
                                      ", its name follows: atelier why " + kind.value()->singular + " NAME"};
  }
  if (!kind && asked.task.empty()) return of_run(session, asked.what, asked.name);
  if (!kind) return kind.error();
  if (kind.value()->kind == api::PipelineRun::kKind) return of_run(session, asked.name, asked.task);
  if (!asked.task.empty()) return invalid("only a run has tasks; write: atelier why " + asked.what + " " + asked.name);
  return of_object(session, *kind.value(), asked.name);
}

Result<int> run(const Asked& asked, Session& session, Terminal& terminal) {
  ATELIER_TRY(const Why why, answer(session, asked));
  terminal.out << printable(why.words) << "\n";
  if (!why.command.empty()) {
    terminal.out << terminal.styled("Next: ", Style::strong) << printable(terminal.as_called(why.command)) << "\n";
  }
  return kDone;
}

}  // namespace

void add_why(Program& program) {
  const auto asked = std::make_shared<Asked>();
  CLI::App& verb = program.add(
      "why", "Say what a run, a task of it, a workspace or a pipeline waits for, or why it failed, and what to do.",
      [asked, &program](Session& session) { return run(*asked, session, program.terminal()); });
  verb.add_option("WHAT", asked->what, "A run; or a kind, such as workspace, whose name follows")->required();
  verb.add_option("NAME", asked->name, "A task of the run, such as load or load[3]; or the name of that kind");
  verb.add_option("TASK", asked->task, "After run and its name: a task of it");
}

}  // namespace atelier::cli
