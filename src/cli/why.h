// Why something is as it is: what, since when, who can mend it, and the command to run next. Pure: the operator has
// already said in status what it waits for; here that is chosen from and put into words.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "atelier/api/pipeline_run.h"
#include "cli/event.h"
#include "cli/remedy.h"

namespace atelier::cli {

struct Why {
  std::string words;    // a paragraph; its parts come from anywhere
  std::string command;  // empty: none
};

// The task that matters most for a run that is under way or has failed. Null: there is none.
const api::TaskStatus* culprit(const api::PipelineRun& run);

// `item` is "load" or "load[3]". Null: status does not tell it.
const api::TaskStatus* find_task(const api::PipelineRunStatus& status, const std::string& item);

// `events` are those of the culprit's pod; `workspace` is the pipeline's, empty if nobody knows.
Why why_run(const api::PipelineRun& run, const std::vector<Event>& events, const std::string& workspace, WallTime now);

// Of one of its tasks, with the events of that one's pod.
Why why_task(const api::PipelineRun& run, const api::TaskStatus& task, const std::vector<Event>& events, WallTime now);

// What has a condition Ready.
struct Readiness {
  std::string what;  // workspace, pipeline, datadomain, businessdomain
  ObjectKey key;
  meta::Conditions conditions;
  std::string good;  // what to say when all is well
  std::string kept;  // what stays as it is while it is not; may be empty
  std::optional<WallTime> made;
  std::string workspace;  // that it is about
};
Why why_ready(const Readiness& object, WallTime now);

}  // namespace atelier::cli
