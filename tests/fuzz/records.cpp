// Pods, Deployments and ControllerRevisions as they come from the API server: a record or an error, never an exception.
#include "atelier/api/codec.h"
#include "atelier/kube/frame.h"
#include "fuzz/property.h"
#include "reconcile/deployment_record.h"
#include "reconcile/pod_record.h"
#include "reconcile/revision_record.h"

namespace {

using namespace atelier;
using fuzz::holds;

template <class Record>
void told(const Result<Record>& result) {
  if (!result) holds(fuzz::is_utf8(result.error().message), "a refusal can be told");
}

void pod(std::string text) {
  text.reserve(text.size() + kube::kPadding);
  const auto first = reconcile::decode_pod(text);
  told(first);
  const auto second = reconcile::decode_pod(text);
  holds(bool(first) == bool(second), "a pod is read again as it was");
  if (!first) return;
  const reconcile::PodRecord& record = *first.value();
  holds(record.resource_version == second.value()->resource_version && record.phase == second.value()->phase &&
            record.containers.size() == second.value()->containers.size(),
        "a pod is the same a second time");
  holds(!record.name.empty() && !record.uid.empty(), "a pod has a name");
  for (const reconcile::ContainerRecord& container : record.containers) {
    holds(fuzz::is_utf8(container.message), "a termination message is text");
  }
}

void revision(std::string_view text) {
  const auto first = reconcile::decode_revision(text);
  told(first);
  if (!first) return;
  const api::RunPlan& plan = first.value()->plan;
  const nlohmann::json written = api::serialize(plan);
  const auto again = api::parse<api::RunPlan>(written);
  holds(again && again.value() == plan, "a plan is what was written of it");
  holds(!reconcile::revision_name("pipeline", plan).empty(), "a plan has a name");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of(data, size);
  pod(std::string(text));
  told(reconcile::decode_deployment(text));
  revision(text);
  return 0;
}
