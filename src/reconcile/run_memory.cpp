#include "reconcile/run_memory.h"

#include "atelier/meta/resource_version.h"
#include "render/labels.h"

namespace atelier::reconcile {

using nlohmann::json;

namespace {

bool is_of_run(const json& pod, const Uid& run) {
  const json::json_pointer label{"/metadata/labels/atelier.dev~1run-uid"};
  return pod.contains(label) && pod.at(label) == run.value;
}

}  // namespace

std::string create_id(const std::string& pod) { return "create pod " + pod; }
std::string look_id(const std::string& pod) { return "look at pod " + pod; }

void RunMemory::learn(const kube::Feedback& feedback, WallTime now) {
  if (const auto* written = feedback.find(kWriteStatus); written != nullptr && *written) {
    committed_version_ = written->value().value(json::json_pointer("/metadata/resourceVersion"), "");
  }
  for (const std::string& pod : std::exchange(looked_at_, {})) {
    if (const auto* answer = feedback.find(look_id(pod))) looked(pod, *answer, now);
  }
  std::vector<std::string> answered;
  for (const auto& [pod, attempt] : asked_) {
    if (feedback.find(create_id(pod)) != nullptr) answered.push_back(pod);
  }
  for (const std::string& pod : answered) created(pod, *feedback.find(create_id(pod)), now);
}

bool RunMemory::is_behind(const std::string& resource_version) const {
  return meta::compare_resource_versions(resource_version, committed_version_) == std::strong_ordering::less;
}

void RunMemory::created(const std::string& pod, const Result<json>& answer, WallTime now) {
  const Attempt attempt = asked_.at(pod);
  if (answer) {
    rejected_.erase(attempt);
    return;
  }
  const Error& error = answer.error();
  // Another code says nothing about the pod: the same create follows, and its name keeps it from being a second one.
  if (error.code == Errc::already_exists) taken_.insert(pod);
  if (error.code == Errc::forbidden) reject(attempt, "Forbidden", error.message, false, now);
  if (error.code == Errc::invalid) reject(attempt, "Invalid", error.message, true, now);
}

void RunMemory::looked(const std::string& pod, const Result<json>& answer, WallTime now) {
  const bool asked_for_name = taken_.erase(pod) > 0;
  if (!answer) {
    if (answer.error().code == Errc::not_found) {
      if (!asked_for_name) gone_.insert(pod);
    } else if (asked_for_name) {
      taken_.insert(pod);
    }
    return;
  }
  if (is_of_run(answer.value(), run_)) return;  // the cache will show it
  if (!asked_for_name) {
    gone_.insert(pod);
  } else if (const auto attempt = asked_.find(pod); attempt != asked_.end()) {
    reject(attempt->second, "NameTaken",
           "a pod named \"" + pod + "\" is there and is not this run's; delete it and run the pipeline again", true,
           now);
  }
}

void RunMemory::reject(const Attempt& attempt, const std::string& reason, const std::string& message, bool permanent,
                       WallTime now) {
  engine::RejectedCreate& rejected = rejected_[attempt];
  rejected.times = rejected.task.empty() ? 1 : rejected.times + 1;
  rejected.task = attempt.first;
  rejected.attempt = attempt.second;
  rejected.reason = reason;
  rejected.message = message;
  rejected.permanent = permanent;
  rejected.at = now;
}

std::vector<engine::RejectedCreate> RunMemory::rejections() const {
  std::vector<engine::RejectedCreate> out;
  for (const auto& [attempt, rejected] : rejected_) out.push_back(rejected);
  return out;
}

}  // namespace atelier::reconcile
