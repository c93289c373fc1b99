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

// Whether there is output of that container. One that never began, as in a pod that was evicted before, has none.
bool has_begun(const reconcile::PodRecord& pod, const std::string& container);

// Whether there will not be more. A sidecar may be started again as long as its pod is there.
bool has_ended(const reconcile::PodRecord& pod, const std::string& container);

// Which part of a pod's output is asked for.
struct LogPart {
  bool follow = false;
  std::string since;            // a time of a line, which is in it; empty: from the beginning
  std::int64_t most_bytes = 0;  // 0: all
};

// A request for it, with the time of each line.
http::Request log_request(const ObjectKey& pod, const LogsAsked& asked, const LogPart& part);

// Whether an error of one pod's output is one of all: no permission, or interrupted.
bool is_of_all(const Error& error);
// What to say when the output of one pod cannot be had.
std::string unreadable(const reconcile::PodRecord& pod, const Error& error);

// All that was written, line by line in the order of time; of a single pod as it comes. Pods whose output cannot be
// had, or not to its end, are named on `err`.
Result<int> print_logs(Session& session, const api::PipelineRun& run, const LogsAsked& asked, Terminal& terminal);

// As it is written, until the task or the run is over.
Result<int> follow_logs(Session& session, const api::PipelineRun& run, const LogsAsked& asked, Terminal& terminal);

// The selector of those pods.
std::string pod_selector(const api::PipelineRun& run, const LogsAsked& asked);

}  // namespace atelier::cli
