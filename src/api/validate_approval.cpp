#include "api/findings.h"

namespace atelier::api {
namespace {

constexpr std::size_t kLongestComment = 256;

}  // namespace

Violations validate(const ApprovalSpec& spec) {
  Findings found;
  found.reference(spec.run.name, "spec.run.name", "the PipelineRun it is about");
  found.length(spec.run.name, kLongestRunName, "spec.run.name");
  if (spec.run.uid.empty()) found.add("InvalidValue", "spec.run.uid", "is empty; give the run's metadata.uid");
  found.length(spec.run.uid.value, RunReference::kLongestUid, "spec.run.uid");
  found.dns_label(spec.task, "spec.task");
  if (spec.user.empty()) found.add("InvalidValue", "spec.user", "is empty; give your name, see kubectl auth whoami");
  found.length(spec.user, kLongestUser, "spec.user");
  found.length(spec.comment, kLongestComment, "spec.comment");
  return found.take();
}

}  // namespace atelier::api
