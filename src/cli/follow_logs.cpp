// Follows the output of tasks: a watch says which pods there are, and each that has begun has a stream of its own.
#include <map>
#include <ostream>

#include "atelier/kube/reflector.h"
#include "atelier/kube/status_error.h"
#include "atelier/kube/store.h"
#include "cli/failure.h"
#include "cli/output_lines.h"
#include "cli/phase.h"
#include "cli/run_watch.h"
#include "cli/task_logs.h"
#include "cli/why.h"

namespace atelier::cli {
namespace {

using Pod = reconcile::PodRecord;

constexpr Millis kPause{1'000};

// One pod's output. Broken off, it is taken up again after the last line that came.
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
        ended_(std::move(ended)) {
    open();
  }

  bool over() const { return over_; }

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
    call_ = session_.parts().port.stream(log_request(key_, asked_, true, last_), *this);
  }

  void on_head(int status, const http::Headers&) override { answer_.status = status; }
  void on_data(std::string_view data) override {
    if (answer_.status != 200) {
      answer_.body += data;
      return;
    }
    lines_->feed(data);
    terminal_.out.flush();
  }
  void on_end(Result<void> result) override {
    const int status = answer_.status;
    if (status == 200) lines_->finish();
    terminal_.out.flush();
    const bool again = !result || status >= 500 || status == 429 || status == 400;  // 400: it is just beginning
    if (again && ++tries_ < kTries) {
      timer_ = session_.parts().loop.after(kPause, [this] { open(); });
      return;
    }
    over_ = true;
    const bool gone = status == 404;  // it was deleted meanwhile
    ended_(result && status != 200 && !gone ? std::optional(kube::error_of(answer_)) : std::nullopt);
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
      if (change.now) see(*change.now);
    });
    reflector_.on_failure([this](const Error& error) {
      if (is_final(error)) refused(error, "pod");
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
    settle();
  }

  void see(const Pod& pod) {
    if (!has_begun(pod, asked_.container) || streams_.contains(pod.uid)) return;
    streams_[pod.uid] =
        std::make_unique<PodStream>(session_, pod, asked_, terminal_, [this](const std::optional<Error>& error) {
          if (error) return refused(*error, "pod");
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
    if (going_ && ending_ && all_over()) session_.parts().stop();
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
  bool going_ = false;
  std::optional<Error> error_;
  std::map<Uid, std::unique_ptr<PodStream>> streams_;
  kube::Store<Pod> pods_;
  kube::Reflector reflector_;
  RunWatch watch_;
};

}  // namespace

Result<int> follow_logs(Session& session, const api::PipelineRun& run, const LogsAsked& asked, Terminal& terminal) {
  return Follower{session, run, asked, terminal}.run();
}

}  // namespace atelier::cli
