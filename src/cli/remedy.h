// Who can mend what a reason says, and the command to look further with. The page docs/reference/conditions.md says
// the same at length.
#pragma once

#include <string>
#include <string_view>

namespace atelier::cli {

// Names that stand in the commands.
struct Names {
  std::string ns;
  std::string run;
  std::string task;
  std::string pipeline;
  std::string workspace;  // empty: not known
  std::string previous;   // the run that is retried
};

struct Remedy {
  std::string words;    // a sentence without its end; empty: nothing is known of this reason
  std::string command;  // empty: none
};

// Of the condition Succeeded of a run, when its reason is no task's.
Remedy remedy_of_run(std::string_view reason, const Names& names);
// Of a task. Reasons that Kubernetes makes up as it goes have one for all.
Remedy remedy_of_task(std::string_view reason, const Names& names);
// Of the condition Ready of a workspace, pipeline or domain.
Remedy remedy_of_ready(std::string_view reason, const Names& names);

}  // namespace atelier::cli
