#include "cli/task_logs.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <ostream>
#include <tuple>

#include "atelier/kube/decode.h"
#include "atelier/kube/request.h"
#include "atelier/kube/status_error.h"
#include "cli/failure.h"
#include "cli/output_lines.h"
#include "cli/phase.h"
#include "cli/printable.h"
#include "cli/why.h"
#include "render/labels.h"

namespace atelier::cli {
namespace {

constexpr std::int64_t kMebibyte = std::int64_t{1} << 20U;
// What is put in order is held in memory.
constexpr std::int64_t kMostOfAPod = 16 * kMebibyte;
constexpr std::int64_t kMostOfAll = 128 * kMebibyte;

struct Line {
  std::string time;
  std::size_t number;  // as it came
  std::size_t pod;
  std::string text;
};

struct Gathered {
  std::vector<Line> lines;
  std::size_t read = 0;  // pods
};

using Told = std::function<void(const std::string& words)>;

const reconcile::ContainerRecord* container_of(const std::vector<reconcile::ContainerRecord>& all,
                                               const std::string& name) {
  const auto at = std::find_if(all.begin(), all.end(), [&](const auto& one) { return *one.name == name; });
  return at == all.end() ? nullptr : &*at;
}

// Of the output of several pods what has room.
Result<Gathered> gather(Session& session, const Pods& pods, const LogsAsked& asked, const Told& tell) {
  Gathered out;
  std::int64_t room = kMostOfAll;
  for (std::size_t i = 0; i < pods.size(); ++i) {
    const std::string of = "the output of pod " + pods[i]->key().name + " of task " + *pods[i]->task;
    const std::int64_t most = std::min(room, kMostOfAPod);
    if (most == 0) {
      tell(of + " is left out: with it there would be more than 128 MiB; name a task, or use --tail");
      continue;
    }
    const auto text = session.read(log_request(pods[i]->key(), asked, {false, "", most}));
    if (!text && text.error().code == Errc::not_found) continue;  // deleted meanwhile
    if (!text && is_of_all(text.error())) return told(text.error(), {"pod", pods[i]->key()}, session.server());
    if (!text) {
      tell(unreadable(*pods[i], text.error()));
      continue;
    }
    ++out.read;
    const std::int64_t size = std::ssize(text.value());
    room -= std::min(room, size);
    if (size >= most) tell(of + " is cut off after " + std::to_string(most / kMebibyte) + " MiB; --tail shows its end");
    std::string last;
    OutputLines cut{[&](const std::string& time, const std::string& line) {
      if (!time.empty()) last = comparable_time(time);
      out.lines.push_back({last, out.lines.size(), i, line});
    }};
    cut.feed(text.value());
    cut.finish();
  }
  return out;
}

// All output of a single pod, printed as it comes.
class Straight final : private http::StreamHandler {
 public:
  Straight(Session& session, std::string prefix, Terminal& terminal)
      : session_(session), lines_([prefix = std::move(prefix), &terminal](const auto&, const std::string& line) {
          terminal.out << terminal.styled(prefix, Style::quiet) << line << "\n";
        }) {}

  // Nothing: it was printed to its end.
  std::optional<Error> print(http::Request request) {
    const auto call = session_.parts().port.stream(std::move(request), *this);
    session_.parts().run();
    lines_.finish();
    if (!ended_) return Error{Errc::cancelled, "interrupted"};
    if (!*ended_) return ended_->error();
    if (answer_.status != 200) return kube::error_of(answer_);
    return std::nullopt;
  }

 private:
  void on_head(int status, const http::Headers&) override { answer_.status = status; }
  void on_data(std::string_view data) override {
    if (answer_.status == 200) return lines_.feed(data);
    answer_.body += data;
  }
  void on_end(Result<void> result) override {
    ended_ = std::move(result);
    session_.parts().stop();
  }

  Session& session_;
  OutputLines lines_;
  http::Response answer_;  // its body only where it is a refusal
  std::optional<Result<void>> ended_;
};

// `pods` are those there are, none of which has begun.
Error nothing_to_print(const api::PipelineRun& run, const LogsAsked& asked, const Pods& pods, WallTime now) {
  const std::string& task = asked.task;
  const api::TaskStatus* found = task.empty() ? culprit(run) : find_task(run.status, task);
  const std::string of = task.empty() ? "run \"" + run.metadata.name + "\"" : "task \"" + task + "\"";
  const bool terminal = std::any_of(pods.begin(), pods.end(), [](const auto& pod) { return pod->terminal(); });
  if (terminal) {
    return {Errc::not_found, "there is no output of " + of + ": container \"" + asked.container +
                                 "\" did not start in any of its pods; see: atelier why " + run.metadata.name};
  }
  const bool ran = found != nullptr && found->attempt > 0 && found->completion_time;
  if (ran || (task.empty() && is_over(run))) {
    return {Errc::not_found,
            "the output of " + of + " is gone: its pods were deleted, as spec.history of the pipeline says"};
  }
  if (found == nullptr && !task.empty() && !tells_all(run.status)) {
    return {Errc::not_found,
            "there is no output of " + of +
                ": it has not begun, or its pods were deleted; the run does not tell of all its tasks"};
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
  const reconcile::ContainerRecord* found = container_of(pod.containers, container);
  if (found == nullptr) found = container_of(pod.init_containers, container);
  return found != nullptr && (found->terminated || found->started);
}

bool has_ended(const reconcile::PodRecord& pod, const std::string& container) {
  const reconcile::ContainerRecord* found = container_of(pod.containers, container);
  return pod.terminal() || (found != nullptr && found->terminated);
}

bool is_of_all(const Error& error) {
  return error.code == Errc::forbidden || error.code == Errc::unauthorized || error.code == Errc::cancelled;
}

std::string unreadable(const reconcile::PodRecord& pod, const Error& error) {
  return "the output of pod " + pod.key().name + " of task " + *pod.task + " cannot be had: " + error.message;
}

http::Request log_request(const ObjectKey& pod, const LogsAsked& asked, const LogPart& part) {
  http::Request request = kube::get(kube::kPods, pod);
  request.target = kube::object_path(kube::kPods, pod, "log") +
                   "?timestamps=true&container=" + kube::percent_encode(asked.container);
  if (part.follow) request.target += "&follow=true";
  if (!part.since.empty()) request.target += "&sinceTime=" + kube::percent_encode(part.since);
  if (part.since.empty() && asked.last_lines) request.target += "&tailLines=" + std::to_string(*asked.last_lines);
  if (part.most_bytes > 0) request.target += "&limitBytes=" + std::to_string(part.most_bytes);
  request.headers.front().second = "application/json, */*";  // an error is JSON
  if (part.most_bytes == 0) request.timeout = Millis{0};
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
  ATELIER_TRY(const Pods all, pods_of(session, run, asked));
  Pods pods;
  std::copy_if(all.begin(), all.end(), std::back_inserter(pods),
               [&](const auto& pod) { return has_begun(*pod, asked.container); });
  if (pods.empty()) return nothing_to_print(run, asked, all, session.now());
  const Told tell = [&](const std::string& words) { terminal.err << printable(words) << "\n"; };
  if (pods.size() == 1) {
    const reconcile::PodRecord& pod = *pods.front();
    const std::string prefix = asked.task.empty() ? prefix_of(*pod.task, pod.item, pod.attempt) : "";
    const auto error = Straight{session, prefix, terminal}.print(log_request(pod.key(), asked, {}));
    if (!error) return kDone;
    return told(*error, {"pod", pod.key()}, session.server());
  }
  Gathered gathered;
  ATELIER_TRY(gathered, gather(session, pods, asked, tell));
  std::vector<Line>& lines = gathered.lines;
  std::sort(lines.begin(), lines.end(), [](const Line& one, const Line& other) {
    return std::tie(one.time, one.number) < std::tie(other.time, other.number);
  });
  for (const Line& line : lines) {
    const reconcile::PodRecord& pod = *pods[line.pod];
    terminal.out << terminal.styled(prefix_of(*pod.task, pod.item, pod.attempt), Style::quiet) << line.text << "\n";
  }
  return gathered.read > 0 ? kDone : kFailed;
}

}  // namespace atelier::cli
