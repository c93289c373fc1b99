#include "cli/change.h"

#include <algorithm>

#include "cli/phase.h"

namespace atelier::cli {
namespace {

using nlohmann::json;

constexpr std::size_t kShownDigits = 12;

Error over(const api::PipelineRun& run) {
  return {Errc::conflict, "run \"" + run.metadata.name + "\" is over (" + run.status.phase +
                              "), and what is over stays so; to run it again: atelier retry " + run.metadata.name};
}

std::string short_id(const std::string& id) { return id.starts_with("adopted-") ? id : id.substr(0, kShownDigits); }

std::string known(const api::WorkspaceStatus& status) {
  std::string out;
  for (const api::FormerRelease& one : status.releases) out += (out.empty() ? "" : ", ") + short_id(one.id);
  return out.empty() ? "there is none yet" : "there are " + out;
}

}  // namespace

Result<Change> cancel(const api::PipelineRun& run, const api::RunCancel& how) {
  if (is_over(run)) return over(run);
  const std::string name = "run " + run.metadata.name;
  if (run.spec.cancel == how) return Change{nullptr, name + " is being cancelled already"};
  const std::string rest = how.let_running_finish ? "what runs is let finish" : "what runs is ended";
  // All of it, for a patch keeps what it leaves out of what was asked before.
  const json reason = how.reason.empty() ? json() : json(how.reason);
  const json wanted = {{"reason", reason}, {"letRunningFinish", how.let_running_finish}, {"finally", how.finally}};
  return Change{
      {{"cancel", wanted}},
      name + " is cancelled: " + rest + (how.finally ? ", then its finally tasks run" : ", and finally does not run")};
}

Result<Change> suspend(const api::PipelineRun& run, bool wanted) {
  if (is_over(run)) return over(run);
  const std::string name = "run " + run.metadata.name;
  if (run.spec.suspend == wanted) {
    return Change{nullptr, name + (wanted ? " is suspended already" : " is not suspended")};
  }
  return Change{{{"suspend", wanted}},
                name + (wanted ? " is suspended: no further task starts, and those that run go on" : " goes on")};
}

Result<Change> roll_back(const api::Workspace& workspace, const std::string& release) {
  const std::string name = "workspace " + workspace.metadata.name;
  if (workspace.spec.dags.release == release) {
    return Change{nullptr,
                  name + (release.empty() ? " is not pinned to a release" : " is pinned to that release already")};
  }
  if (release.empty()) {
    return Change{{{"dags", {{"release", nullptr}}}},
                  name + " is not pinned any more: what " + workspace.spec.image.reference() + " holds is published"};
  }
  if (!api::names_release(release)) {
    return invalid("\"" + release + "\" names no release: write its id or at least the first twelve digits; " +
                   known(workspace.status));
  }
  const auto& releases = workspace.status.releases;
  const auto at = std::find_if(releases.begin(), releases.end(),
                               [&](const api::FormerRelease& one) { return one.id.starts_with(release); });
  if (at == releases.end()) {
    return Error{Errc::not_found,
                 name + " has no release \"" + release + "\" on its storage; " + known(workspace.status)};
  }
  const std::string of_image = at->image.empty() ? "" : " of " + at->image;
  return Change{{{"dags", {{"release", release}}}},
                name + " goes to release " + short_id(at->id) + of_image +
                    ", and stays there until: atelier rollback " + workspace.metadata.name + " --unpin"};
}

}  // namespace atelier::cli
