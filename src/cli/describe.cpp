#include "cli/describe.h"

#include <nlohmann/json.hpp>

#include "cli/age.h"
#include "cli/description.h"
#include "cli/objects.h"

namespace atelier::cli {
namespace {

using nlohmann::json;

template <class Items, class Text>
std::string joined(const Items& items, Text text) {
  std::string out;
  for (const auto& item : items) out += (out.empty() ? "" : ", ") + text(item);
  return out;
}

std::string joined(const std::vector<std::string>& texts) {
  return joined(texts, [](const std::string& text) { return text; });
}

std::string counted(std::int64_t count, const std::string& word) {
  return count == 0 ? "" : ", " + std::to_string(count) + " " + word;
}

std::string in_words(const api::TaskCounts& counts) {
  if (counts.total == 0) return "";
  return std::to_string(counts.succeeded) + " of " + std::to_string(counts.total) + " succeeded" +
         counted(counts.running, "running") + counted(counts.waiting, "waiting") + counted(counts.failed, "failed") +
         counted(counts.skipped, "skipped") + counted(counts.cancelled, "cancelled");
}

std::string params_of(const std::map<std::string, std::string>& params) {
  return joined(params, [](const auto& one) { return one.first + "=" + one.second; });
}

std::string reference_of(const std::optional<api::RunReference>& run) { return run ? run->name : ""; }

void fill(Description& page, const api::PipelineRun& run) {
  const api::PipelineRunStatus& status = run.status;
  const std::string phase = status.phase.empty() ? "Pending" : status.phase;
  page.field("Pipeline", run.spec.pipeline.name);
  page.field("Phase", {phase, style_of(phase)});
  page.field("Tasks", in_words(status.counts));
  page.field("Started", page.ago(status.start_time));
  page.field("Ended", page.ago(status.completion_time));
  if (status.start_time) {
    page.field("Duration", human_duration(status.completion_time.value_or(page.now()) - *status.start_time));
  }
  page.field("Parameters", params_of(status.pin && !status.pin->params.empty() ? status.pin->params : run.spec.params));
  page.field("Author", run.spec.author);
  page.field("Retry of", reference_of(run.spec.retry_of));
  page.field("Rerun of", reference_of(run.spec.rerun_of));
  page.field("Suspended", run.spec.suspend ? "yes" : "");
  if (run.spec.cancel) page.field("Cancelled", run.spec.cancel->reason.empty() ? "yes" : run.spec.cancel->reason);
  page.field("Skip", joined(run.spec.skip));
  if (status.pin) {
    page.field("Workspace", status.pin->workspace);
    page.field("Image", status.pin->image);
    page.field("Release", status.pin->release.substr(0, 12));
  }
  page.conditions(status.conditions);
  std::vector<Row> rows;
  for (const api::TaskStatus& task : status.tasks) {
    const std::string took =
        task.start_time ? human_duration(task.completion_time.value_or(page.now()) - *task.start_time) : "";
    const std::string again = task.restarts == 0 ? "" : " (" + std::to_string(task.restarts) + " by the cluster)";
    rows.push_back({task.name,
                    {task.state, style_of(task.state)},
                    std::to_string(task.attempt) + again,
                    task.reason,
                    took,
                    task.message});
  }
  page.list("Tasks", {"TASK", "STATE", "ATTEMPT", "REASON", "DURATION", "MESSAGE"}, rows);
}

std::string retries_of(const api::Task& task) { return task.retry.limit == 0 ? "" : std::to_string(task.retry.limit); }

Row row_of(const api::Task& task) {
  const std::string runs = task.approval   ? "approval by " + std::to_string(task.approval->count)
                           : task.for_each ? "for each item"
                                           : "once";
  return {
      task.name, joined(task.depends_on), runs, retries_of(task), task.timeout ? format_duration(*task.timeout) : "",
      task.when};
}

void fill(Description& page, const api::Pipeline& pipeline) {
  page.field("Workspace", pipeline.spec.workspace.name);
  if (pipeline.spec.timeout) page.field("Timeout", format_duration(*pipeline.spec.timeout));
  std::vector<Row> params;
  for (const api::Param& one : pipeline.spec.params) {
    params.push_back(
        {one.name, one.type, one.default_value.value_or("(required)"), joined(one.choices), one.description});
  }
  page.list("Parameters", {"NAME", "TYPE", "DEFAULT", "ONE OF", "DESCRIPTION"}, params);
  const Row head{"TASK", "AFTER", "RUNS", "RETRIES", "TIMEOUT", "WHEN"};
  std::vector<Row> tasks;
  for (const api::Task& one : pipeline.spec.tasks) tasks.push_back(row_of(one));
  page.list("Tasks", head, tasks);
  tasks.clear();
  for (const api::Task& one : pipeline.spec.finally) tasks.push_back(row_of(one));
  page.list("Finally", head, tasks);
  page.conditions(pipeline.status.conditions);
}

void fill(Description& page, const api::Workspace& workspace) {
  const api::WorkspaceSpec& spec = workspace.spec;
  page.field("DataDomain", (spec.data_domain.ns.empty() ? "" : spec.data_domain.ns + "/") + spec.data_domain.name);
  page.field("Image", spec.image.reference());
  page.field("DAGs in the image", spec.dags.path);
  page.field("Profile", spec.resources.profile);
  page.field("Containers", joined(spec.containers, [](const auto& one) { return one.name; }));
  page.field("Pinned to release", spec.dags.release);
  if (const auto& live = workspace.status.release) {
    page.field("Live release", live->id.substr(0, 12) + " of " + live->image);
    page.field("Live since", page.ago(live->time));
    page.field("Live at", live->location + ": " + std::to_string(live->files) + " files, " +
                              std::to_string(live->bytes) + " bytes");
  }
  if (const auto& publish = workspace.status.publish) {
    page.field("Publishing", publish->attempts == 0 ? "under way"
                                                    : std::to_string(publish->attempts) + " failed, the last " +
                                                          page.ago(publish->last_failure) + ": " + publish->reason);
  }
  page.conditions(workspace.status.conditions);
  std::vector<Row> rows;
  for (const api::FormerRelease& one : workspace.status.releases) {
    rows.push_back({one.id.substr(0, one.id.starts_with("adopted-") ? std::string::npos : 12),
                    one.time ? age(one.time, page.now()) : "", one.image});
  }
  page.list("Releases on the storage", {"RELEASE", "LAST LIVE", "IMAGE"}, rows);
}

void fill(Description& page, const api::Approval& approval) {
  page.field("Run", approval.spec.run.name);
  page.field("Task", approval.spec.task);
  page.field("Decision", {approval.spec.decision, style_of(approval.spec.decision)});
  page.field("User", approval.spec.user);
  page.field("Comment", approval.spec.comment);
}

void fill(Description& page, const api::DataDomain& domain) {
  page.field("Key", domain.spec.key);
  page.field("BusinessDomain", domain.spec.business_domain.name);
  page.field("Storage", domain.spec.storage.claim_name);
  page.field("Workspaces may be in", joined(domain.spec.workspace_namespaces));
  page.conditions(domain.status.conditions);
  std::vector<Row> rows;
  for (const api::StorageClaim& one : domain.status.claims) {
    rows.push_back({one.name, one.ns, one.sweeping ? "being removed" : "held"});
  }
  page.list("Names on the storage", {"NAME", "NAMESPACE", "STATE"}, rows);
}

void fill(Description& page, const api::BusinessDomain& domain) {
  page.field("Display name", domain.spec.display_name);
  page.field("Namespaces", joined(domain.spec.namespaces));
  page.field("Default profile", domain.spec.default_profile);
  page.field("DataDomains", std::to_string(domain.status.data_domains));
  page.field("Workspaces", std::to_string(domain.status.workspaces));
  page.conditions(domain.status.conditions);
}

template <class Kind>
Result<std::string> written(const json& object, const std::vector<Event>& events, WallTime now,
                            const Terminal& terminal) {
  ATELIER_TRY(const Kind value, read_as<Kind>(object));
  Description page{now, terminal};
  page.field("Name", value.metadata.name);
  page.field("Namespace", value.metadata.ns);
  page.field("Made", page.ago(value.metadata.creation_timestamp));
  if (value.metadata.deleting()) page.field("Being deleted", "since " + age(value.metadata.deletion_timestamp, now));
  fill(page, value);
  page.events(events);
  return page.text();
}

}  // namespace

Result<std::string> describe(const KindName& kind, const json& object, const std::vector<Event>& events, WallTime now,
                             const Terminal& terminal) {
  return visit_kind(kind,
                    [&]<class Kind>(std::type_identity<Kind>) { return written<Kind>(object, events, now, terminal); });
}

}  // namespace atelier::cli
