#include "reconcile/run_memory.h"

#include <algorithm>

#include "atelier/meta/resource_version.h"
#include "render/labels.h"

namespace atelier::reconcile {

using nlohmann::json;

namespace {

constexpr int kBlips = 2;  // failures in a row that are not worth a word

// By its owner: labels may be edited.
bool is_of_run(const json& pod, const Uid& run) {
  const json owners = pod.value(json::json_pointer("/metadata/ownerReferences"), json::array());
  return std::any_of(owners.begin(), owners.end(),
                     [&run](const json& owner) { return owner.value("uid", "") == run.value; });
}

}  // namespace

std::string create_id(const std::string& pod) { return "create pod " + pod; }
std::string look_id(const std::string& pod) { return "look at pod " + pod; }

void RunMemory::learn(const kube::Feedback& feedback, WallTime now) {
  reads_.learn(feedback);
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
    made_.insert(pod);
    rejected_.erase(attempt);
    failures_.erase(attempt);
    return;
  }
  const Error& error = answer.error();
  switch (error.code) {
    case Errc::already_exists:
      taken_.insert(pod);
      break;
    case Errc::forbidden:
      reject(attempt, "Forbidden", error.message, false, now);
      break;
    case Errc::invalid:
      reject(attempt, "Invalid", error.message, true, now);
      break;
    case Errc::cancelled:
      break;
    default:
      // The same create follows, and its name keeps it from being a second pod.
      if (++failures_[attempt] > kBlips) reject(attempt, "CreateFailed", error.message, false, now);
  }
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
  if (is_of_run(answer.value(), run_)) {
    made_.insert(pod);
    return;  // the cache will show it
  }
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
  out.reserve(rejected_.size());
  for (const auto& [attempt, rejected] : rejected_) out.push_back(rejected);
  return out;
}

}  // namespace atelier::reconcile
