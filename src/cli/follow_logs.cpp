// Follows the output of tasks: a watch says which pods there are, and each that has begun has a stream of its own.
#include <map>
#include <ostream>

#include "atelier/kube/reflector.h"
#include "atelier/kube/status_error.h"
#include "atelier/kube/store.h"
#include "cli/failure.h"
#include "cli/output_lines.h"
#include "cli/phase.h"
#include "cli/printable.h"
#include "cli/refusals.h"
#include "cli/run_watch.h"
#include "cli/task_logs.h"
#include "cli/why.h"

namespace atelier::cli {
namespace {

using Pod = reconcile::PodRecord;

constexpr Millis kPause{1'000};

// One pod's output. Broken off, or ended before its container, as when the kubelet is restarted or rotates the log, it
// is taken up again after the last line that came.
class PodStream final : private http::StreamHandler {
 public:
  // `ended` is told why no output can be had, or nothing.
  using Ended = std::function<void(const std::optional<Error>&)>;

  PodStream(Session& session, const Pod& pod, LogsAsked asked, Terminal& terminal, Ended ended)
      : session_(session),
        key_(pod.key()),
        asked_(std::move(asked)),
        prefix_(prefix_of(*pod.task, pod.item, pod.attempt)),
        terminal_(terminal),
        ended_(std::move(ended)),
        container_ended_(has_ended(pod, asked_.container)) {
    open();
  }

  bool over() const { return over_; }
  void container_ended() { container_ended_ = true; }

 private:
  void open() {
    answer_ = {};
    repeated_ = last_;
    lines_ = std::make_unique<OutputLines>([this](const std::string& time, const std::string& line) {
      // From an instant on means with it: what was printed is not printed again.
      if (!repeated_.empty() && !time.empty() && comparable_time(time) <= comparable_time(repeated_)) return;
      repeated_.clear();
      if (!time.empty()) last_ = time;
      terminal_.out << terminal_.styled(prefix_, Style::quiet) << line << "\n";
    });
    call_ = session_.parts().port.stream(log_request(key_, asked_, {true, last_}), *this);
  }

  void on_head(int status, const http::Headers&) override { answer_.status = status; }
  void on_data(std::string_view data) override {
    if (answer_.status != 200) {
      answer_.body += data;
      return;
    }
    tries_ = 0;
    lines_->feed(data);
    terminal_.out.flush();
  }
  void on_end(Result<void> result) override {
    const int status = answer_.status;
    const bool whole = result && status == 200;
    const bool beginning = status == 400 && !container_ended_;
    const bool broken = result ? status >= 500 || status == 429 || beginning : !is_of_all(result.error());
    const bool again = whole ? !container_ended_ : broken && ++tries_ < kTries;
    if (status == 200 && (whole || !again)) lines_->finish();  // a line that was broken off comes again
    terminal_.out.flush();
    if (again) {
      timer_ = session_.parts().loop.after(kPause, [this] { open(); });
      return;
    }
    over_ = true;
    const bool gone = status == 404;  // it was deleted meanwhile
    if (whole || (result && gone)) return ended_(std::nullopt);
    ended_(result ? kube::error_of(answer_) : result.error());
  }

  static constexpr int kTries = 30;

  Session& session_;
  ObjectKey key_;
  LogsAsked asked_;
  std::string prefix_;
  Terminal& terminal_;
  Ended ended_;
  http::Response answer_;  // its body only where it is a refusal
  int tries_ = 0;
  bool container_ended_;
  bool over_ = false;
  std::string last_;      // the time of the line printed last
  std::string repeated_;  // up to which lines were printed before
  std::unique_ptr<OutputLines> lines_;
  std::unique_ptr<http::Call> call_;
  std::unique_ptr<Timer> timer_;
};

class Follower {
 public:
  Follower(Session& session, const api::PipelineRun& run, const LogsAsked& asked, Terminal& terminal)
      : session_(session),
        run_(run),
        asked_(asked),
        terminal_(terminal),
        pods_("pods", reconcile::decode_pod),
        reflector_(scope(), pods_, session.parts().port, session.parts().loop, session.parts().random),
        watch_(session, run.metadata.key(), run.metadata.uid,
               {[this](const api::PipelineRun& now) { see(now); },
                [this] { fail({Errc::not_found, "run \"" + run_.metadata.name + "\" was deleted"}); },
                [this](const Error& error) { refused(error, "run"); },
                {}}) {
    pods_.on_change([this](const kube::Change<Pod>& change) {
      if (change.now) return see(*change.now);
      if (const auto at = streams_.find(change.before->uid); at != streams_.end()) at->second->container_ended();
    });
    pods_.on_progress([this] { refusals_.listed(); });
    reflector_.on_failure([this](const Error& error) {
      if (refusals_.is_final(error, session_.parts().loop.now())) refused(error, "pod");
    });
  }

  Result<int> run() {
    reflector_.start();
    watch_.start();
    go_on();
    if (error_) return *error_;
    // What began and ended between the last look at pods and the run's end.
    ATELIER_TRY(const Pods pods, pods_of(session_, run_, asked_));
    for (const auto& pod : pods) see(*pod);
    if (!all_over()) go_on();
    if (error_) return *error_;
    return kDone;
  }

 private:
  void go_on() {
    going_ = true;
    session_.parts().run();
    going_ = false;
  }
  kube::Scope scope() const {
    kube::Scope scope;
    scope.resource = kube::kPods;
    scope.ns = session_.ns();
    scope.label_selector = pod_selector(run_, asked_);
    return scope;
  }

  void see(const api::PipelineRun& now) {
    const api::TaskStatus* task = asked_.task.empty() ? nullptr : find_task(now.status, asked_.task);
    const bool over = is_over(now) || (task != nullptr && task->completion_time);
    if (over) ending_ = true;
    untold_ = !asked_.task.empty() && task == nullptr && !now.status.tasks.empty() && !tells_all(now.status);
    settle();
  }

  void see(const Pod& pod) {
    if (const auto at = streams_.find(pod.uid); at != streams_.end()) {
      if (has_ended(pod, asked_.container)) at->second->container_ended();
      return settle();
    }
    if (!has_begun(pod, asked_.container)) return;
    streams_[pod.uid] =
        std::make_unique<PodStream>(session_, pod, asked_, terminal_, [this, pod](const std::optional<Error>& error) {
          if (error && is_of_all(*error)) return refused(*error, "pod");
          if (error) terminal_.err << printable(unreadable(pod, *error)) << "\n";
          settle();
        });
  }

  bool all_over() const {
    for (const auto& [uid, stream] : streams_) {
      if (!stream->over()) return false;
    }
    return true;
  }

  void settle() {
    if (going_ && (ending_ || is_past()) && all_over()) session_.parts().stop();
  }

  // Of a task that the run does not tell of, only its pods say that it is over.
  bool is_past() const {
    bool past = untold_ && !streams_.empty();
    pods_.each([&](const ObjectKey&, const auto& pod) { past = past && pod->terminal(); });
    return past;
  }

  void refused(const Error& error, const char* what) {
    fail(told(error, {what, {session_.ns(), run_.metadata.name}}, session_.server()));
  }

  void fail(Error error) {
    error_ = std::move(error);
    if (going_) session_.parts().stop();
  }

  Session& session_;
  const api::PipelineRun& run_;
  const LogsAsked& asked_;
  Terminal& terminal_;
  bool ending_ = false;
  bool untold_ = false;  // the run's status has no room for the task
  bool going_ = false;
  std::optional<Error> error_;
  std::map<Uid, std::unique_ptr<PodStream>> streams_;
  Refusals refusals_;
  kube::Store<Pod> pods_;
  kube::Reflector reflector_;
  RunWatch watch_;
};

}  // namespace

Result<int> follow_logs(Session& session, const api::PipelineRun& run, const LogsAsked& asked, Terminal& terminal) {
  return Follower{session, run, asked, terminal}.run();
}

}  // namespace atelier::cli
