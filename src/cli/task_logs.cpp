#include "cli/task_logs.h"

#include <algorithm>
#include <ostream>
#include <tuple>

#include "atelier/kube/decode.h"
#include "atelier/kube/request.h"
#include "cli/failure.h"
#include "cli/output_lines.h"
#include "cli/phase.h"
#include "cli/why.h"
#include "render/labels.h"

namespace atelier::cli {
namespace {

constexpr std::int64_t kMostBytes = std::int64_t{16} << 20U;  // of one pod, when lines are put in order

struct Line {
  std::string time;
  std::size_t number;  // as it came
  std::size_t pod;
  std::string text;
};

Error nothing_to_print(const api::PipelineRun& run, const std::string& task, WallTime now) {
  const api::TaskStatus* found = task.empty() ? culprit(run) : find_task(run.status, task);
  const std::string of = task.empty() ? "run \"" + run.metadata.name + "\"" : "task \"" + task + "\"";
  const bool ran = found != nullptr && found->attempt > 0 && found->completion_time;
  if (ran || (task.empty() && is_over(run))) {
    return {Errc::not_found, "the output of " + of + " is gone: its pods were deleted, as spec.history.podAge says"};
  }
  const std::string why = found == nullptr ? "" : why_task(run, *found, {}, now).words;
  return {Errc::not_found, of + " has written nothing yet" + (why.empty() ? "" : ": " + why)};
}

}  // namespace

std::string pod_selector(const api::PipelineRun& run, const LogsAsked& asked) {
  return std::string(render::kRunUid) + "=" + run.metadata.uid.value +
         (asked.task.empty() ? "" : "," + std::string(render::kTaskName) + "=" + asked.task);
}

bool has_begun(const reconcile::PodRecord& pod, const std::string& container) {
  for (const auto* containers : {&pod.containers, &pod.init_containers}) {
    for (const reconcile::ContainerRecord& one : *containers) {
      if (*one.name == container) return one.terminated || one.started.has_value();
    }
  }
  return pod.terminal();
}

http::Request log_request(const ObjectKey& pod, const LogsAsked& asked, bool follow, const std::string& since) {
  http::Request request = kube::get(kube::kPods, pod);
  request.target = kube::object_path(kube::kPods, pod, "log") +
                   "?timestamps=true&container=" + kube::percent_encode(asked.container);
  if (follow) request.target += "&follow=true";
  if (!since.empty()) request.target += "&sinceTime=" + kube::percent_encode(since);
  if (since.empty() && asked.last_lines) request.target += "&tailLines=" + std::to_string(*asked.last_lines);
  if (!follow) request.target += "&limitBytes=" + std::to_string(kMostBytes);
  request.headers.front().second = "application/json, */*";  // an error is JSON
  if (follow) request.timeout = Millis{0};
  return request;
}

Result<Pods> pods_of(Session& session, const api::PipelineRun& run, const LogsAsked& asked) {
  kube::ListOptions options;
  options.label_selector = pod_selector(run, asked);
  auto body = session.read(kube::list(kube::kPods, session.ns(), options));
  if (!body) return told(body.error(), {"pod", {session.ns(), ""}}, session.server());
  Pods pods;
  kube::EnvelopeParser parser;
  const auto read = parser.list(body.value(), [&](const kube::Identity&, std::string_view object) {
    if (auto pod = reconcile::decode_pod(object)) pods.push_back(std::move(pod).value());
  });
  if (!read) return read.error();
  std::sort(pods.begin(), pods.end(), [](const auto& one, const auto& other) {
    return std::tie(one->created, *one->task, one->item, one->attempt) <
           std::tie(other->created, *other->task, other->item, other->attempt);
  });
  return pods;
}

Result<int> print_logs(Session& session, const api::PipelineRun& run, const LogsAsked& asked, Terminal& terminal) {
  ATELIER_TRY(const Pods pods, pods_of(session, run, asked));
  std::vector<Line> lines;
  std::size_t begun = 0;
  for (std::size_t i = 0; i < pods.size(); ++i) {
    if (!has_begun(*pods[i], asked.container)) continue;
    const auto text = session.read(log_request(pods[i]->key(), asked, false, ""));
    if (!text && text.error().code == Errc::not_found) continue;  // deleted meanwhile
    if (!text) return told(text.error(), {"pod", pods[i]->key()}, session.server());
    ++begun;
    std::string last;
    OutputLines cut{[&](const std::string& time, const std::string& line) {
      if (!time.empty()) last = comparable_time(time);
      lines.push_back({last, lines.size(), i, line});
    }};
    cut.feed(text.value());
    cut.finish();
  }
  if (begun == 0) return nothing_to_print(run, asked.task, session.now());
  std::sort(lines.begin(), lines.end(), [](const Line& one, const Line& other) {
    return std::tie(one.time, one.number) < std::tie(other.time, other.number);
  });
  for (const Line& line : lines) {
    const reconcile::PodRecord& pod = *pods[line.pod];
    const bool alone = begun == 1 && !asked.task.empty();
    terminal.out << terminal.styled(alone ? "" : prefix_of(*pod.task, pod.item, pod.attempt), Style::quiet) << line.text
                 << "\n";
  }
  return kDone;
}

}  // namespace atelier::cli
