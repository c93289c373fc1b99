#include "atelier/kube/controller.h"

#include <algorithm>

#include "atelier/base/log.h"
#include "atelier/kube/status_error.h"

namespace atelier::kube {
namespace {

using Outcome = ControllerMetrics::Outcome;

constexpr Millis kGatePoll{1'000};
constexpr int kFreeReads = 2;
// For so long keys are taken without a break. Answers, watches and the lease's renewal come in between.
constexpr Millis kTurn{20};

bool is_read(const Write& write) { return write.request.method == http::Method::get; }

bool is_object(const nlohmann::json& answer, const ObjectKey& key) {
  const auto text = [&answer](const char* pointer) {
    const nlohmann::json::json_pointer at(pointer);
    return answer.contains(at) && answer[at].is_string() ? answer[at].get<std::string>() : std::string{};
  };
  return text("/metadata/name") == key.name && !text("/metadata/uid").empty();
}

bool is_list(const nlohmann::json& answer) {
  return answer.is_object() && answer.contains("items") && answer["items"].is_array();
}

Result<nlohmann::json> answer_to(const Write& write, const Result<http::Response>& response) {
  const bool succeeded = response && response.value().status >= 200 && response.value().status <= 299;
  if (succeeded && write.answer == Answer::text) return nlohmann::json(response.value().body);
  Result<nlohmann::json> answer = answer_of(response);
  // Decisions that delete rest on what a live read shows. A 200 that is not the object shows nothing.
  if (!answer || !is_read(write)) return answer;
  const bool is_asked = write.answer == Answer::list ? is_list(answer.value()) : is_object(answer.value(), write.key);
  if (!is_asked) return Error{Errc::server, "the answer is not what was asked for"};
  return answer;
}

}  // namespace

// One plan's writes under way.
struct Controller::Job {
  SteadyTime began;
  std::vector<Write> writes;
  std::vector<std::optional<std::string>> before;  // versions of what is written, when it was sent
  std::map<std::size_t, std::unique_ptr<http::Call>> calls;
  std::size_t next = 0;
  std::size_t written = 0;  // sent, without reads
  Feedback feedback;
  Millis retry_after{0};
  bool failed = false;
  bool changed = false;
};

Controller::Controller(std::string name, Environment environment, Reconciler& reconciler, Gates gates,
                       ReadYourWrites writes, Limits limits)
    : name_(std::move(name)),
      loop_(environment.loop),
      port_(environment.port),
      events_(environment.events),
      metrics_(environment.metrics.controller(name_)),
      reconciler_(reconciler),
      gates_(std::move(gates)),
      writes_(std::move(writes)),
      limits_(limits),
      queue_(environment.random),
      self_(std::make_shared<Controller*>(this)) {
  for (Cache* cache : writes_.caches()) {
    cache->on_progress([weak = std::weak_ptr(self_)] {
      if (const auto self = weak.lock()) (*self)->release_held();
    });
  }
  metrics_.most_active(limits_.keys);
  environment.metrics.on_scrape([weak = std::weak_ptr(self_)] {
    if (const auto self = weak.lock()) (*self)->measure();
  });
}

Controller::~Controller() = default;

void Controller::enqueue(const ObjectKey& key, Priority priority, Millis delay) {
  if (!running_) return;
  reads_in_a_row_.erase(key);  // what it asked before may have another answer now
  put(key, priority == Priority::initial ? Cause::initial : Cause::change, loop_.now() + delay);
}

void Controller::put(const ObjectKey& key, Cause cause, SteadyTime when) {
  if (queue_.add(key, cause, when)) metrics_.added();
  if (running_) arm(when);
}

void Controller::start() {
  running_ = true;
  arm(loop_.now());
}

void Controller::stop() {
  running_ = false;
  timer_.reset();
  for (auto& [key, job] : std::exchange(jobs_, {})) {
    job->calls.clear();
    queue_.done(key);
    queue_.add(key, Cause::retry, loop_.now());
  }
}

bool Controller::settled() const {
  const auto failed = [](const auto& result) { return !result.second; };
  return jobs_.empty() && std::none_of(feedback_.begin(), feedback_.end(), [&failed](const auto& told) {
           return std::any_of(told.second.results.begin(), told.second.results.end(), failed);
         });
}

void Controller::arm(SteadyTime when) {
  if (timer_ && armed_for_ <= when) return;
  armed_for_ = when;
  timer_ = loop_.at(when, [this] {
    timer_.reset();
    pump();
  });
}

void Controller::pump() {
  const SteadyTime now = loop_.now();
  if (!gates_.may_write() || !gates_.synced()) return arm(now + kGatePoll);
  while (jobs_.size() < limits_.keys) {
    if (const SteadyTime later = loop_.now(); later - now >= kTurn) return arm(later);
    const auto taken = queue_.take(now);
    if (!taken) break;
    if (!hold(*taken)) reconcile(*taken);
    if (!running_) return;
  }
  if (jobs_.size() >= limits_.keys) return;  // finish() goes on
  if (const auto next = queue_.next_ready()) arm(*next);
}

// Puts a key back that may not be reconciled yet.
bool Controller::hold(const WorkQueue::Taken& taken) {
  const SteadyTime now = loop_.now();
  const ObjectKey& key = taken.key;
  std::optional<SteadyTime> until;
  if (const auto at = not_before_.find(key); at != not_before_.end()) {
    if (now < at->second) {
      until = at->second;
    } else {
      not_before_.erase(at);
    }
  }
  if (!until && !writes_.caught_up(key, now)) {
    until = writes_.ask_again(key);
    held_.insert(key);
  }
  if (!until) {
    held_.erase(key);
    return false;
  }
  queue_.done(key);
  queue_.add(key, taken.cause, *until);
  return true;
}

void Controller::release_held() {
  const SteadyTime now = loop_.now();
  for (auto at = held_.begin(); at != held_.end();) {
    if (!writes_.caught_up(*at, now)) {
      ++at;
      continue;
    }
    queue_.add(*at, Cause::requeue, now);  // it waits already, and keeps its cause
    at = held_.erase(at);
    if (running_) arm(now);
  }
}

void Controller::reconcile(const WorkQueue::Taken& taken) {
  const ObjectKey& key = taken.key;
  const SteadyTime began = loop_.now();
  metrics_.began(taken.cause, began - taken.due_since);
  Feedback feedback;
  if (auto node = feedback_.extract(key)) feedback = std::move(node.mapped());
  Plan plan;
  try {
    plan = reconciler_.reconcile(key, feedback, loop_.wall_now());
  } catch (const std::exception& error) {  // a bug, and one object's: the others go on
    log::error("a reconciler failed", {{"controller", name_}, {"key", key.to_string()}, {"error", error.what()}});
    metrics_.threw();
    metrics_.ended(Outcome::error, loop_.now() - began);
    return back_off(key, Millis{0});
  }
  for (const EventNote& note : plan.events) events_.record(note);
  if (plan.writes.empty()) {
    reads_in_a_row_.erase(key);
    queue_.forget(key);
    queue_.done(key);
    const SteadyTime now = loop_.now();
    metrics_.ended(plan.requeue_after ? Outcome::requeue_after : Outcome::success, now - began);
    if (!plan.requeue_after) return;
    metrics_.delayed();
    put(key, Cause::requeue, now + *plan.requeue_after);
    return;
  }
  auto job = std::make_unique<Job>();
  job->began = began;
  job->before.resize(plan.writes.size());
  job->writes = std::move(plan.writes);
  jobs_.emplace(key, std::move(job));
  launch(key);
}

void Controller::launch(const ObjectKey& key) {
  Job& job = *jobs_.at(key);
  while (job.next < job.writes.size() && job.calls.size() < limits_.writes_per_key) {
    const std::size_t index = job.next++;
    const Write& write = job.writes[index];
    if (!gates_.may_write()) {
      job.failed = true;
      job.feedback.results.emplace(write.id, Error{Errc::cancelled, "this process may not write any more"});
      continue;
    }
    if (!is_read(write)) ++job.written;
    job.before[index] = writes_.version_before(write);
    http::Request request = write.request;
    request.may_send = gates_.may_write;  // it may wait in the port's queue for longer than the lease lasts
    job.calls[index] = port_.send(std::move(request), [this, key, index](const Result<http::Response>& response) {
      answered(ObjectKey{key}, index, response);  // a copy: answered() lets go of this function
    });
  }
  if (job.calls.empty()) finish(key);
}

void Controller::answered(const ObjectKey& key, std::size_t index, const Result<http::Response>& response) {
  Job& job = *jobs_.at(key);
  job.calls.erase(index);
  const Write& write = job.writes[index];
  Result<nlohmann::json> answer = answer_to(write, response);
  if (answer) {
    job.changed |= writes_.wrote(key, write, answer.value(), job.before[index], loop_.now());
  } else if (is_read(write) && answer.error().code == Errc::not_found) {
    // What a live read was to find out.
  } else if (answer.error().code == Errc::cancelled) {
    job.failed = true;
  } else {
    job.failed = true;
    job.retry_after = std::max(job.retry_after, answer.error().retry_after);
    log::info("a write failed", {{"controller", name_},
                                 {"key", key.to_string()},
                                 {"write", write.id},
                                 {"code", to_string(answer.error().code)},
                                 {"error", answer.error().message}});
  }
  job.feedback.results.insert_or_assign(write.id, std::move(answer));
  launch(key);
}

void Controller::finish(const ObjectKey& key) {
  const auto node = jobs_.extract(key);
  Job& job = *node.mapped();
  feedback_.insert_or_assign(key, std::move(job.feedback));
  const SteadyTime now = loop_.now();
  if (job.retry_after.count() > 0) not_before_[key] = now + job.retry_after;
  // What was asked for is looked at at once, however long the key was made to wait before; a reconciler that goes on
  // asking and does nothing is made to wait again.
  const bool only_read = std::all_of(job.writes.begin(), job.writes.end(), is_read);
  if (!only_read) reads_in_a_row_.erase(key);
  const bool answered = only_read && !job.failed && ++reads_in_a_row_[key] <= kFreeReads;
  if (job.written > 0) metrics_.wrote(key, job.written, now);
  metrics_.ended(job.failed ? Outcome::error : job.changed ? Outcome::success : Outcome::requeue, now - job.began);
  if (!answered && (job.failed || !job.changed)) {
    back_off(key, job.retry_after);
  } else {
    if (!answered) queue_.forget(key);
    queue_.done(key);
    put(key, Cause::answer, now);
  }
  if (running_) arm(now);
}

void Controller::back_off(const ObjectKey& key, Millis at_least) {
  const SteadyTime when = loop_.now() + std::max(queue_.fail(key), at_least);
  queue_.done(key);
  metrics_.delayed();
  put(key, Cause::retry, when);
}

void Controller::measure() {
  const SteadyTime now = loop_.now();
  ControllerMetrics::Load load{.due = queue_.due(now), .active = jobs_.size()};
  for (const auto& [key, job] : jobs_) {
    const ControllerMetrics::Seconds spent = now - job->began;
    load.unfinished += spent;
    load.longest = std::max(load.longest, spent);
  }
  metrics_.loaded(load, now);
}

}  // namespace atelier::kube
