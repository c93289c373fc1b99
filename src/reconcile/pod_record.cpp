#include "reconcile/pod_record.h"

#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <chrono>

#include "atelier/kube/frame.h"
#include "render/labels.h"
#include "render/publish_pod.h"
#include "render/task_pod.h"

namespace atelier::reconcile {
namespace {

namespace ondemand = simdjson::ondemand;

// Members are visited in the document's order, each once; what is not wanted is skipped unparsed.
template <class Visit>
void each_member(ondemand::value value, Visit visit) {
  for (auto field : value.get_object()) {
    const std::string_view key = field.unescaped_key();
    visit(key, field.value().value());
  }
}

std::string_view text(ondemand::value value) { return value.get_string(); }

std::optional<WallTime> time(ondemand::value value) {
  if (value.is_null()) return std::nullopt;
  const auto parsed = parse_time(std::string_view(value.get_string()));
  return parsed ? std::optional(parsed.value()) : std::nullopt;
}

template <class Number>
Number number(std::string_view digits) {
  Number out = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), out);
  return out;
}

void read_label(PodRecord& pod, std::string_view key, ondemand::value value) {
  if (key == render::kComponent) pod.component = text(value);
  if (key == render::kWorkspace) pod.workspace = text(value);
  if (key == render::kWorkspaceNamespace) pod.storage.make().workspace_namespace = text(value);
  if (key == render::kWorkspaceUid) pod.storage.make().workspace_uid = Uid{std::string(text(value))};
  if (key == render::kDataDomain) pod.storage.make().data_domain = text(value);
  if (key == render::kRunUid) pod.run_uid = Uid{std::string(text(value))};
  if (key == render::kRun) pod.run = text(value);
  if (key == render::kTaskName) pod.task = text(value);
  if (key == render::kItem) pod.item = number<int>(text(value));
  if (key == render::kAttempt) pod.attempt = number<int>(text(value));
}

void read_annotation(PodRecord& pod, std::string_view key, ondemand::value value) {
  if (key == render::kInputHash) pod.storage.make().input_hash = text(value);
  if (key == render::kPodHash) pod.storage.make().pod_hash = text(value);
  if (key == render::kGeneration) pod.storage.make().generation = number<std::int64_t>(text(value));
  if (key == render::kImage) pod.storage.make().image = text(value);
  if (key == render::kImageDigest) pod.storage.make().image_digest = text(value);
  if (key == render::kClaims) pod.storage.make().claims = text(value);
}

// The API server keeps when the pod has to be gone, and how long after the request that is.
struct Deletion {
  std::optional<WallTime> due;
  std::chrono::seconds grace{0};
};

// Signals that end a container may be the deletion's, whatever the clocks of node and API server say.
bool ended_before(const PodRecord& pod, const Deletion& deletion) {
  constexpr int kTerminated = 128 + 15, kKilled = 128 + 9;
  const auto task = std::find_if(pod.containers.begin(), pod.containers.end(),
                                 [](const ContainerRecord& one) { return one.name == render::kTaskContainer; });
  return deletion.due && task != pod.containers.end() && task->terminated && task->finished &&
         *task->finished < *deletion.due - deletion.grace && task->exit_code != kTerminated &&
         task->exit_code != kKilled;
}

void read_metadata(PodRecord& pod, Deletion& deletion, std::string_view key, ondemand::value value) {
  if (key == "name") pod.name = text(value);
  if (key == "namespace") pod.ns = text(value);
  if (key == "uid") pod.uid = Uid{std::string(text(value))};
  if (key == "resourceVersion") pod.resource_version = text(value);
  if (key == "creationTimestamp") pod.created = time(value);
  if (key == "deletionTimestamp") {
    pod.deleting = !value.is_null();
    deletion.due = time(value);
  }
  if (key == "deletionGracePeriodSeconds" && !value.is_null()) {
    deletion.grace = std::chrono::seconds{std::clamp<std::int64_t>(value.get_int64(), 0, 1'000'000'000)};
    pod.out_of_grace = deletion.grace.count() == 0;
  }
  if (key == "labels") each_member(value, [&](auto k, auto v) { read_label(pod, k, v); });
  if (key == "annotations") each_member(value, [&](auto k, auto v) { read_annotation(pod, k, v); });
  if (key == "finalizers") {
    int position = 0;
    for (auto finalizer : value.get_array()) {
      if (std::string_view(finalizer.get_string()) == render::kResultFinalizer) pod.result_finalizer = position;
      ++position;
    }
  }
}

void read_state(ContainerRecord& container, std::string_view state, ondemand::value value) {
  each_member(value, [&](std::string_view key, ondemand::value v) {
    if (state == "waiting") {
      if (key == "reason") container.waiting.make().reason = text(v);
      if (key == "message") container.waiting.make().message = text(v);
    } else if (state == "terminated") {
      container.terminated = true;
      if (key == "exitCode") container.exit_code = static_cast<int>(v.get_int64().value());
      if (key == "reason") container.reason = text(v);
      if (key == "message") container.message = text(v);
      if (key == "startedAt") container.started = time(v);
      if (key == "finishedAt") container.finished = time(v);
    } else if (key == "startedAt") {
      container.started = time(v);
    }
  });
}

std::vector<ContainerRecord> read_containers(ondemand::value value) {
  std::vector<ContainerRecord> out;
  for (auto element : value.get_array()) {
    ContainerRecord container;
    each_member(element.value(), [&](std::string_view key, ondemand::value v) {
      if (key == "name") container.name = text(v);
      if (key == "imageID") container.image_id = text(v);
      if (key == "state") each_member(v, [&](auto k, auto s) { read_state(container, k, s); });
    });
    out.push_back(std::move(container));
  }
  return out;
}

void read_condition(PodRecord& pod, ondemand::value value) {
  std::string type, status, reason, message;
  each_member(value, [&](std::string_view key, ondemand::value v) {
    if (key == "type") type = text(v);
    if (key == "status") status = text(v);
    if (key == "reason") reason = text(v);
    if (key == "message") message = text(v);
  });
  if (type == "PodScheduled" && status == "False") pod.conditions.make().unschedulable = message;
  if (type == "DisruptionTarget" && status == "True") {
    pod.conditions.make().disruption_reason = reason;
    pod.conditions.make().disruption_message = message;
  }
}

PodPhase phase(std::string_view name) {
  if (name == "Pending") return PodPhase::pending;
  if (name == "Running") return PodPhase::running;
  if (name == "Succeeded") return PodPhase::succeeded;
  if (name == "Failed") return PodPhase::failed;
  return PodPhase::unknown;
}

void read_status(PodRecord& pod, std::string_view key, ondemand::value value) {
  if (key == "phase") pod.phase = phase(std::string_view(value.get_string()));
  if (key == "reason") pod.reason = text(value);
  if (key == "message") pod.message = text(value);
  if (key == "initContainerStatuses") pod.init_containers = read_containers(value);
  if (key == "containerStatuses") pod.containers = read_containers(value);
  if (key == "conditions") {
    for (auto condition : value.get_array()) read_condition(pod, condition.value());
  }
}

}  // namespace

Result<std::shared_ptr<const PodRecord>> decode_pod(std::string_view document) {
  auto pod = std::make_shared<PodRecord>();
  try {
    // The parser keeps its buffers from one pod to the next; each thread has its own.
    static thread_local ondemand::parser parser;
    const simdjson::padded_string_view padded{document.data(), document.size(), document.size() + kube::kPadding};
    ondemand::document parsed = parser.iterate(padded);
    Deletion deletion;
    for (auto field : parsed.get_object()) {
      const std::string_view key = field.unescaped_key();
      ondemand::value value = field.value();
      if (key == "metadata") each_member(value, [&](auto k, auto v) { read_metadata(*pod, deletion, k, v); });
      if (key == "status") each_member(value, [&](auto k, auto v) { read_status(*pod, k, v); });
    }
    pod->ended_before = ended_before(*pod, deletion);
  } catch (const simdjson::simdjson_error& error) {
    return Error{Errc::server, std::string("a pod from the API server cannot be read: ") + error.what()};
  }
  if (pod->name.empty() || pod->uid.empty()) return Error{Errc::server, "a pod from the API server has no name or uid"};
  return std::shared_ptr<const PodRecord>(std::move(pod));
}

}  // namespace atelier::reconcile
