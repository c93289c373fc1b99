// The output of a run's tasks, from their pods.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "atelier/api/pipeline_run.h"
#include "cli/session.h"
#include "cli/terminal.h"
#include "reconcile/pod_record.h"

namespace atelier::cli {

struct LogsAsked {
  std::string task;  // empty: all
  std::string container = "task";
  std::optional<std::int64_t> last_lines;
};

using Pods = std::vector<std::shared_ptr<const reconcile::PodRecord>>;

// Those of the run whose output is asked for, in the order in which they were made.
Result<Pods> pods_of(Session& session, const api::PipelineRun& run, const LogsAsked& asked);

// Whether there is output of that container, or there will not be more. An initialised one that has not begun has none.
bool has_begun(const reconcile::PodRecord& pod, const std::string& container);

// A request for it, with the time of each line. `since` is one of those times; empty: from the beginning.
http::Request log_request(const ObjectKey& pod, const LogsAsked& asked, bool follow, const std::string& since);

// All that was written, line by line in the order of time.
Result<int> print_logs(Session& session, const api::PipelineRun& run, const LogsAsked& asked, Terminal& terminal);

// As it is written, until the task or the run is over.
Result<int> follow_logs(Session& session, const api::PipelineRun& run, const LogsAsked& asked, Terminal& terminal);

// The selector of those pods.
std::string pod_selector(const api::PipelineRun& run, const LogsAsked& asked);

}  // namespace atelier::cli
