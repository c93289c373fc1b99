// Verbs that change one field of one object.
#include <ostream>

#include "atelier/kube/request.h"
#include "cli/age.h"
#include "cli/change.h"
#include "cli/objects.h"
#include "cli/printable.h"
#include "cli/program.h"
#include "cli/table.h"
#include "cli/verbs.h"

namespace atelier::cli {
namespace {

using nlohmann::json;

constexpr int kTries = 5;  // against others who write to the same object, such as the operator to its status

// Reads, decides, and writes under the precondition that it still is what was read.
template <class Kind, class Decide>
Result<int> change(Session& session, const std::string& name, Terminal& terminal, Decide decide) {
  const KindName& kind = kind_for<Kind>();
  for (int tries = 1;; ++tries) {
    ATELIER_TRY(const Kind object, fetch_as<Kind>(session, name));
    ATELIER_TRY(const Change wanted, decide(object));
    if (!wanted.spec.is_null()) {
      const json patch = {{"metadata", {{"resourceVersion", object.metadata.resource_version}}}, {"spec", wanted.spec}};
      const auto written = session.ask(kube::merge_patch(kind.resource, object.metadata.key(), patch));
      if (!written && written.error().code == Errc::conflict && tries < kTries) continue;
      if (!written) return told(written.error(), {kind.singular, object.metadata.key()}, session.server());
    }
    terminal.out << printable(terminal.as_called(wanted.said)) << "\n";
    return kDone;
  }
}

struct Rollback {
  std::string workspace;
  std::string release;
  bool unpin = false;
};

Result<int> list_releases(const std::string& name, Session& session, Terminal& terminal) {
  ATELIER_TRY(const api::Workspace workspace, fetch_as<api::Workspace>(session, name));
  std::vector<Row> rows;
  for (const api::FormerRelease& one : workspace.status.releases) {
    const bool live = workspace.status.release && workspace.status.release->id == one.id;
    const bool pinned = !workspace.spec.dags.release.empty() && one.id.starts_with(workspace.spec.dags.release);
    rows.push_back(
        {one.id.starts_with("adopted-") ? one.id : one.id.substr(0, 12),
         {live ? (pinned ? "live, pinned" : "live") : (pinned ? "pinned" : "-"), live ? Style::good : Style::plain},
         one.time ? age(one.time, session.now()) : "",
         one.image});
  }
  if (rows.empty()) {
    terminal.err << printable(terminal.as_called("workspace " + name +
                                                 " has no release yet; see: atelier why workspace " + name))
                 << "\n";
    return kDone;
  }
  terminal.out << table({"RELEASE", "STATE", "LAST LIVE", "IMAGE"}, rows, terminal);
  return kDone;
}

Result<int> roll_back_to(const Rollback& asked, Session& session, Terminal& terminal) {
  if (asked.unpin && !asked.release.empty()) return invalid("a release and --unpin exclude each other");
  if (!asked.unpin && asked.release.empty()) return list_releases(asked.workspace, session, terminal);
  return change<api::Workspace>(session, asked.workspace, terminal,
                                [&](const api::Workspace& workspace) { return roll_back(workspace, asked.release); });
}

}  // namespace

void add_cancel(Program& program) {
  struct Asked {
    std::string run;
    api::RunCancel how;
    bool no_finally = false;
  };
  const auto asked = std::make_shared<Asked>();
  CLI::App& verb = program.add("cancel", "Cancel a run.", [asked, &program](Session& session) {
    asked->how.finally = !asked->no_finally;
    return change<api::PipelineRun>(session, asked->run, program.terminal(),
                                    [&](const api::PipelineRun& run) { return cancel(run, asked->how); });
  });
  verb.add_option("RUN", asked->run, "The run to cancel")->required();
  verb.add_option("-m,--reason", asked->how.reason, "Why, for those who look at the run")->type_name("WORDS");
  verb.add_flag("--let-running-finish", asked->how.let_running_finish, "Tasks that run are not ended");
  verb.add_flag("--no-finally", asked->no_finally, "The tasks of finally do not run");
}

void add_suspend(Program& program) {
  for (const bool wanted : {true, false}) {
    const auto name = std::make_shared<std::string>();
    CLI::App& verb = program.add(
        wanted ? "suspend" : "resume", wanted ? "Let a run start no further task." : "Let a suspended run go on.",
        [=, &program](Session& session) {
          return change<api::PipelineRun>(session, *name, program.terminal(),
                                          [&](const api::PipelineRun& run) { return suspend(run, wanted); });
        });
    verb.add_option("RUN", *name, wanted ? "The run to suspend" : "The run to resume")->required();
  }
}

void add_rollback(Program& program) {
  const auto asked = std::make_shared<Rollback>();
  CLI::App& verb =
      program.add("rollback", "Publish an earlier release of a workspace again, or list those there are.",
                  [asked, &program](Session& session) { return roll_back_to(*asked, session, program.terminal()); });
  verb.add_option("WORKSPACE", asked->workspace, "The workspace's name")->required();
  verb.add_option("RELEASE", asked->release, "Its id, or at least the first twelve digits; without it they are listed");
  verb.add_flag("--unpin", asked->unpin, "Publish what the image holds again");
}

}  // namespace atelier::cli
