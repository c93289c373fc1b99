#include "reconcile/run_memory.h"

#include <algorithm>

#include "atelier/meta/resource_version.h"

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

RunMemory::News RunMemory::learn(const kube::Feedback& feedback, WallTime now) {
  News news;
  reads_.learn(feedback);
  news.large = large_.learn(feedback, now);
  starts_.learn(feedback);
  if (const auto* written = feedback.find(kWriteStatus); written != nullptr && *written) {
    committed_version_ = written->value().value(json::json_pointer("/metadata/resourceVersion"), "");
  }
  for (const auto& [pod, attempt] : std::exchange(looked_at_, {})) {
    if (const auto* answer = feedback.find(look_id(pod))) looked(pod, attempt, *answer, now, news);
  }
  std::vector<std::string> answered;
  for (const auto& [pod, attempt] : asked_) {
    if (feedback.find(create_id(pod)) != nullptr) answered.push_back(pod);
  }
  for (const std::string& pod : answered) created(pod, *feedback.find(create_id(pod)), now, news);
  return news;
}

bool RunMemory::is_behind(const std::string& resource_version) const {
  return meta::compare_resource_versions(resource_version, committed_version_) == std::strong_ordering::less;
}

void RunMemory::created(const std::string& pod, const Result<json>& answer, WallTime now, News& news) {
  const engine::Attempt attempt = asked_.at(pod);
  if (answer) {
    asked_.erase(pod);
    rejected_.erase(attempt);
    failures_.erase(attempt);
    news.made.emplace_back(attempt, WallTime::min());  // it is looked for as soon as it is missing
    return;
  }
  const Error& error = answer.error();
  switch (error.code) {
    case Errc::already_exists:
      taken_.insert(pod);
      break;
    case Errc::forbidden:
      news.rejected.push_back(reject(attempt, "Forbidden", error.message, false, now));
      break;
    case Errc::invalid:
      news.rejected.push_back(reject(attempt, "Invalid", error.message, true, now));
      break;
    case Errc::cancelled:
      break;
    default:
      // The same create follows, and its name keeps it from being a second pod.
      if (++failures_[attempt] > kBlips) {
        news.rejected.push_back(reject(attempt, "CreateFailed", error.message, false, now));
      }
  }
}

void RunMemory::looked(const std::string& pod, const engine::Attempt& attempt, const Result<json>& answer, WallTime now,
                       News& news) {
  const bool asked_for_name = taken_.erase(pod) > 0;
  if (!answer) {
    if (answer.error().code == Errc::not_found) {
      if (!asked_for_name) news.gone.push_back(attempt);
    } else if (asked_for_name) {
      taken_.insert(pod);
    }
    return;
  }
  if (is_of_run(answer.value(), run_)) {
    news.made.emplace_back(attempt, now);  // the cache will show it
  } else if (!asked_for_name) {
    news.gone.push_back(attempt);
  } else {
    news.rejected.push_back(reject(
        attempt, "NameTaken",
        "a pod named \"" + pod + "\" is there and is not this run's; delete it and run the pipeline again", true, now));
  }
}

const engine::RejectedCreate& RunMemory::reject(const engine::Attempt& attempt, const std::string& reason,
                                                const std::string& message, bool permanent, WallTime now) {
  engine::RejectedCreate& rejected = rejected_[attempt];
  rejected.times = rejected.task.empty() ? 1 : rejected.times + 1;
  rejected.task = attempt.task;
  rejected.item = attempt.item;
  rejected.attempt = attempt.number;
  rejected.reason = reason;
  rejected.message = message;
  rejected.permanent = permanent;
  rejected.at = now;
  return rejected;
}

}  // namespace atelier::reconcile
