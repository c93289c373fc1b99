#include "cli/columns.h"

#include "atelier/api/codec.h"
#include "cli/age.h"
#include "cli/objects.h"

namespace atelier::cli {
namespace {

using nlohmann::json;

// A value and its title. What is wide is shown with -o wide only.
struct Column {
  const char* title;
  bool wide;
  Cell cell;
};
using Columns = std::vector<Column>;

Columns of_condition(const meta::Conditions& conditions, const char* type) {
  static const meta::Condition kNone;
  const meta::Condition* found = meta::find_condition(conditions, type);
  const meta::Condition& one = found == nullptr ? kNone : *found;
  const std::string status{to_string(one.status)};
  return {{"READY", false, {status, style_of(status)}}, {"REASON", false, one.reason}, {"MESSAGE", true, one.message}};
}

Column created(const meta::ObjectMeta& metadata, WallTime now) {
  return {"AGE", false, age(metadata.creation_timestamp, now)};
}

Columns columns(const api::PipelineRun& run, WallTime now) {
  const api::PipelineRunStatus& status = run.status;
  const meta::Condition* succeeded = meta::find_condition(status.conditions, "Succeeded");
  const std::string phase = status.phase.empty() ? "Pending" : status.phase;
  const std::string reason = succeeded == nullptr || succeeded->reason == phase ? "" : succeeded->reason;
  const api::TaskCounts& counts = status.counts;
  const std::string tasks =
      counts.total == 0 ? "" : std::to_string(counts.succeeded) + "/" + std::to_string(counts.total);
  const WallTime end = status.completion_time.value_or(now);
  return {{"PIPELINE", false, run.spec.pipeline.name},
          {"PHASE", false, {phase, style_of(phase)}},
          {"REASON", false, reason},
          {"SUCCEEDED", false, tasks},
          {"FAILED", false, {std::to_string(counts.failed), counts.failed == 0 ? Style::plain : Style::bad}},
          {"DURATION", false, status.start_time ? human_duration(end - *status.start_time) : ""},
          {"WORKSPACE", true, status.pin ? status.pin->workspace : ""},
          {"IMAGE", true, status.pin ? status.pin->image : ""},
          {"MESSAGE", true, succeeded == nullptr ? "" : succeeded->message},
          created(run.metadata, now)};
}

Columns columns(const api::Pipeline& pipeline, WallTime now) {
  const Columns ready = of_condition(pipeline.status.conditions, "Ready");
  return {{"WORKSPACE", false, pipeline.spec.workspace.name},
          ready[0],
          ready[1],
          {"TASKS", false, std::to_string(pipeline.spec.tasks.size() + pipeline.spec.finally.size())},
          ready[2],
          created(pipeline.metadata, now)};
}

Columns columns(const api::Workspace& workspace, WallTime now) {
  const Columns ready = of_condition(workspace.status.conditions, "Ready");
  const api::WorkspaceRelease live = workspace.status.release.value_or(api::WorkspaceRelease{});
  const api::NamespacedReference& domain = workspace.spec.data_domain;
  return {{"DATADOMAIN", false, (domain.ns.empty() ? "" : domain.ns + "/") + domain.name},
          ready[0],
          ready[1],
          {"LIVE IMAGE", false, live.image},
          {"PUBLISHED", false, live.time ? age(live.time, now) : ""},
          {"RELEASE", true, live.id.substr(0, 12)},
          {"FILES", true, std::to_string(live.files)},
          ready[2],
          created(workspace.metadata, now)};
}

Columns columns(const api::Approval& approval, WallTime now) {
  return {{"RUN", false, approval.spec.run.name},
          {"TASK", false, approval.spec.task},
          {"DECISION", false, {approval.spec.decision, style_of(approval.spec.decision)}},
          {"USER", false, approval.spec.user},
          {"COMMENT", true, approval.spec.comment},
          created(approval.metadata, now)};
}

Columns columns(const api::DataDomain& domain, WallTime now) {
  const Columns ready = of_condition(domain.status.conditions, "Ready");
  return {{"KEY", false, domain.spec.key},
          {"BUSINESSDOMAIN", false, domain.spec.business_domain.name},
          ready[0],
          ready[1],
          {"WORKSPACES", false, std::to_string(domain.status.workspaces)},
          ready[2],
          created(domain.metadata, now)};
}

Columns columns(const api::BusinessDomain& domain, WallTime now) {
  const Columns ready = of_condition(domain.status.conditions, "Ready");
  return {{"DISPLAY NAME", false, domain.spec.display_name},
          ready[0],
          ready[1],
          {"DATADOMAINS", false, std::to_string(domain.status.data_domains)},
          {"WORKSPACES", false, std::to_string(domain.status.workspaces)},
          {"PROFILE", true, domain.spec.default_profile},
          ready[2],
          created(domain.metadata, now)};
}

}  // namespace

Row titles(const KindName& kind, bool wide) {
  Row out;
  const Columns all = visit_kind(kind, []<class Kind>(std::type_identity<Kind>) { return columns(Kind{}, {}); });
  for (const Column& one : all) {
    if (wide || !one.wide) out.emplace_back(one.title);
  }
  return out;
}

Result<Row> cells(const KindName& kind, const json& object, bool wide, WallTime now) {
  ATELIER_TRY(const Columns all, visit_kind(kind, [&]<class Kind>(std::type_identity<Kind>) -> Result<Columns> {
                ATELIER_TRY(const Kind value, read_as<Kind>(object));
                return columns(value, now);
              }));
  Row out;
  for (const Column& one : all) {
    if (wide || !one.wide) out.push_back(one.cell);
  }
  return out;
}

}  // namespace atelier::cli
