#include "cli/remedy.h"

#include <algorithm>
#include <array>
#include <vector>

namespace atelier::cli {
namespace {

// In commands RUN, TASK, PIPELINE, WORKSPACE and PREVIOUS stand for names.
struct Line {
  std::vector<std::string_view> reasons;
  const char* words;
  const char* command;
};

const std::vector<Line>& of_runs() {
  static const std::vector<Line> kLines{
      {{"PipelineNotFound"},
       "it starts by itself as soon as somebody makes that Pipeline in this namespace",
       "atelier get pipelines"},
      {{"WorkspaceNotFound", "WorkspaceNotPublished", "ImageDigestUnknown"},
       "it starts by itself as soon as the workspace is live; its owner can mend that",
       "atelier why workspace WORKSPACE"},
      {{"UnknownProfile", "AboveProfile", "MemoryExceeded"},
       "it starts by itself once the owner of the workspace or pipeline asks for what the profile has, or the platform "
       "team gives the profile more",
       "atelier describe workspace WORKSPACE"},
      {{"NotGranted"},
       "it starts by itself once the platform team grants it in the BusinessDomain, or the pipeline does without",
       "atelier describe pipeline PIPELINE"},
      {{"WaitsForPlace"},
       "it starts by itself in its turn; cancel what is not needed, or ask the platform team for a larger profile",
       "atelier get runs"},
      {{"NotAdmitted", "DataDomainNotFound", "BusinessDomainNotFound"},
       "the platform team admits the namespace to the data domain; then it goes on by itself",
       "atelier why workspace WORKSPACE"},
      {{"NamespaceNotWatched"},
       "whoever runs the platform lets the operator watch that namespace as well; then it goes on by itself",
       "atelier why workspace WORKSPACE"},
      {{"RetryWaits", "RerunWaits"}, "it starts by itself when that run is over", "atelier why PREVIOUS"},
      {{"RetryNotPossible", "RerunNotPossible"}, "make a run that starts anew", "atelier run PIPELINE"},
      {{"StartRefused"},
       "it is tried again by itself; whoever runs the platform can raise the quota or change the policy in those words",
       "atelier describe run RUN"},
      {{"InvalidExpression", "Cycle", "UnknownDependency", "DuplicateTask", "TooManyTasks", "SpecTooLarge",
        "DuplicateName", "UnknownReference", "UnknownVolume", "InvalidPipeline"},
       "the pipeline's owner corrects it, which atelier lint helps with; then make another run",
       "atelier describe pipeline PIPELINE"},
      {{"InvalidName", "InvalidValue", "MissingParameter", "UnknownParameter"},
       "make another run with what the pipeline takes",
       "atelier describe pipeline PIPELINE"},
      {{"AuthorMissing"}, "make another run, with your name in it: atelier run writes it", "atelier run PIPELINE"},
      {{"Suspended"}, "nothing starts until somebody resumes it", "atelier resume RUN"},
      {{"Stopping"}, "it ends when what runs has ended; a task says if its pod does not", "atelier describe run RUN"},
      {{"RunTimedOut"},
       "the pipeline's owner gives it more time (spec.timeout) or makes its tasks faster; a retry takes over what "
       "succeeded",
       "atelier retry RUN"},
      {{"Restored"}, "it is not run again; make another one if it is needed", "atelier run PIPELINE"},
      {{"RevisionLost", "StateUnreadable"},
       "whoever runs the platform restores what was removed; or cancel it and make another",
       "atelier cancel RUN"},
      {{"ResultsLost"},
       "whoever runs the platform restores the ControllerRevision; or make another run",
       "atelier run PIPELINE"},
      {{"Cancelled"}, "a retry takes over what succeeded", "atelier retry RUN"},
  };
  return kLines;
}

const std::vector<Line>& of_tasks() {
  static const std::vector<Line> kLines{
      {{"TaskFailed"}, "its author corrects the task; its output says more", "atelier logs RUN TASK"},
      {{"OOMKilled"},
       "give it more memory: spec.tasks[].resources, retry.memoryFactor or a larger profile of the workspace",
       "atelier logs RUN TASK"},
      {{"TimedOut", "TaskTimedOut"},
       "give it more time (timeout, totalTimeout) or less to do",
       "atelier logs RUN TASK"},
      {{"ImagePullFailed"},
       "correct the image that those words name, or what the registry says of it; a retry takes over what succeeded",
       "atelier retry RUN"},
      {{"PendingTimedOut"}, "mend what it waited for, or allow more time (pendingTimeout)", "atelier describe run RUN"},
      {{"ImagePullBackOff", "ErrImagePull", "InvalidImageName", "ErrImageNeverPull", "ImageInspectError",
        "RegistryUnavailable"},
       "correct the image's name, push it, or give the workspace a pull secret that the registry takes",
       "atelier describe pipeline PIPELINE"},
      {{"Unschedulable"},
       "whoever runs the cluster adds room; or the task asks for less, or for other nodes",
       "atelier describe pipeline PIPELINE"},
      {{"CreateContainerConfigError"},
       "make the Secret or ConfigMap that those words name, in this namespace; it then starts by itself",
       "atelier describe pipeline PIPELINE"},
      {{"CreateContainerError", "RunContainerError", "StartError"},
       "correct the task's command: the image has no such program, or it cannot be started",
       "atelier describe pipeline PIPELINE"},
      {{"FailedMount", "FailedAttachVolume"},
       "make the volume, Secret or ConfigMap that those words name, in this namespace; it then starts by itself",
       "atelier describe pipeline PIPELINE"},
      {{"FailedCreatePodSandBox", "NetworkNotReady"},
       "whoever runs the cluster looks after the node's network and container runtime; it then starts by itself",
       "atelier describe pipeline PIPELINE"},
      {{"FailedScheduling"},
       "whoever runs the cluster adds room; or the task asks for less, or for other nodes",
       "atelier describe pipeline PIPELINE"},
      {{"ResultsMissing", "ResultsInvalid", "ResultsTruncated", "ResultsTooLarge"},
       "its author lets it write the results that it declares as one JSON object into $ATELIER_RESULTS",
       "atelier logs RUN TASK"},
      {{"ResultsUnread", "ResultsUnreadable"},
       "it is read again by itself for ten minutes; then retry",
       "atelier retry RUN"},
      {{"ResultsUnstored"},
       "it is tried again by itself within a minute; whoever runs the platform raises the quota or changes the policy",
       "atelier describe run RUN"},
      {{"PodRejected"},
       "the pipeline's owner corrects what the API server refuses",
       "atelier describe pipeline PIPELINE"},
      {{"Forbidden", "CreateFailed"},
       "it is tried again by itself within a minute; whoever runs the platform can raise the quota or change the "
       "policy",
       "atelier describe run RUN"},
      {{"PodDeleted", "PodLost"},
       "somebody deleted its pod, or its node was lost; a retry runs it again",
       "atelier retry RUN"},
      {{"PredecessorFailed", "DependencyUnmet", "NoInput"}, "look at the task that it follows", "atelier why RUN"},
      {{"WhenFalse", "SkippedOnRequest", "TakenOver", "Approved"}, "nothing has to be mended", ""},
      {{"WhenFailed", "ExpressionFailed", "TextTooLong", "ForEachFailed", "TooManyItems"},
       "the pipeline's owner corrects that expression or text, or the parameters are others",
       "atelier describe pipeline PIPELINE"},
      {{"ItemsFailed"}, "see what the item that those words name says", "atelier logs RUN TASK"},
      {{"WaitsForApproval"},
       "anybody but the run's author who has the verb approve can approve or reject it",
       "atelier approve RUN TASK"},
      {{"Rejected"}, "ask who rejected it; then make another run", "atelier get approvals"},
      {{"ApprovalTimedOut"}, "ask people sooner, or allow more time (approval.timeout)", "atelier retry RUN"},
      {{"ApprovalRefused"}, "an administrator mends what those words say; then make another run", "atelier doctor"},
      {{"Cancelled", "RunTimedOut", "FinallyTimedOut"}, "a retry runs it again", "atelier retry RUN"},
  };
  return kLines;
}

const std::vector<Line>& of_readiness() {
  static const std::vector<Line> kLines{
      {{"Publishing"}, "wait: it is under way", "atelier get workspaces"},
      {{"ImagePullFailed", "InvalidImageName"},
       "its owner corrects spec.image, or the platform team the DataDomain's spec.pullSecrets",
       "atelier describe workspace WORKSPACE"},
      {{"PreflightFailed"},
       "its owner corrects what is named and pushes a new image",
       "atelier describe workspace WORKSPACE"},
      {{"ReleaseMissing", "ReleaseDamaged"},
       "choose a release that is there, or let the image be published again (--unpin)",
       "atelier rollback WORKSPACE"},
      {{"DagsFolderMissing", "DagsFolderEmpty", "DagsNotReadable", "DagsRefused", "StepFailed", "UsageError"},
       "its owner corrects the workspace or its image",
       "atelier describe workspace WORKSPACE"},
      {{"DataDomainNotFound", "NamespaceNotWatched", "NotAdmitted", "DataDomainNotReady", "BusinessDomainNotFound",
        "NameTaken", "PathOccupied", "StorageNotWritable", "StorageFull", "StorageFailed", "KeyTaken",
        "NamespaceReserved", "NamespaceTaken", "NamespaceNotFound", "NamespaceRefused", "SweepFailed"},
       "whoever runs the platform can mend it",
       "atelier describe workspace WORKSPACE"},
      {{"UnknownProfile", "AboveProfile"},
       "its owner asks for what the profile has, or the platform team gives the profile more",
       "atelier describe workspace WORKSPACE"},
      {{"WorkspaceNotFound", "WorkspaceNotPublished", "ImageDigestUnknown"},
       "the workspace has to be live first",
       "atelier why workspace WORKSPACE"},
      {{"NotGranted"}, "the platform team grants it in the BusinessDomain, or the pipeline does without", ""},
  };
  return kLines;
}

void replace(std::string& text, std::string_view word, const std::string& by) {
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + by.size())) {
    text.replace(at, word.size(), by);
  }
}

// To be copied: it names the namespace, which may not be the context's. Empty where a name is not known.
std::string command_of(const char* text, const Names& names) {
  std::string out{text};
  if (out.empty()) return out;
  const bool placed = out.ends_with("doctor");
  for (const auto& [word, by] : {std::pair<const char*, const std::string&>{"RUN", names.run},
                                 {"TASK", names.task},
                                 {"PIPELINE", names.pipeline},
                                 {"WORKSPACE", names.workspace},
                                 {"PREVIOUS", names.previous}}) {
    if (by.empty() && out.find(word) != std::string::npos) return "";
    replace(out, word, by);
  }
  if (!names.ns.empty() && !placed) out += " -n " + names.ns;
  return out;
}

Remedy found(const std::vector<Line>& lines, std::string_view reason, const Names& names) {
  for (const Line& line : lines) {
    if (std::find(line.reasons.begin(), line.reasons.end(), reason) == line.reasons.end()) continue;
    return {line.words, command_of(line.command, names)};
  }
  return {};
}

}  // namespace

Remedy remedy_of_run(std::string_view reason, const Names& names) { return found(of_runs(), reason, names); }

Remedy remedy_of_task(std::string_view reason, const Names& names) {
  Remedy out = found(of_tasks(), reason, names);
  if (out.words.empty() && !reason.empty()) {
    out = {"the cluster ended it or keeps it from starting, in those words",
           command_of("atelier describe run RUN", names)};
  }
  return out;
}

Remedy remedy_of_ready(std::string_view reason, const Names& names) {
  Remedy out = found(of_readiness(), reason, names);
  if (out.words.empty()) out.words = "correct it as those words say, or wait where it is tried again";
  return out;
}

}  // namespace atelier::cli
