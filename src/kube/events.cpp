#include "atelier/kube/events.h"

#include <algorithm>

#include "atelier/base/digest.h"
#include "atelier/base/log.h"
#include "atelier/base/text.h"
#include "atelier/kube/request.h"
#include "atelier/kube/status_error.h"

namespace atelier::kube {
namespace {

constexpr std::size_t kLongestMessage = 1'024;
constexpr int kTries = 5;
constexpr Millis kRetry{2'000};
constexpr Millis kRemembered{3'600'000};  // how long an API server keeps an Event

std::string namespace_of(const EventNote& note) {
  return note.involved.key.ns.empty() ? "default" : note.involved.key.ns;
}

// Makes room by forgetting what is oldest.
template <class Map, class Age>
void keep_below(Map& map, std::size_t limit, Age age) {
  if (map.size() < limit) return;
  const auto oldest = std::min_element(map.begin(), map.end(),
                                       [&](const auto& a, const auto& b) { return age(a.second) < age(b.second); });
  map.erase(oldest);
}

}  // namespace

std::string event_name(const EventNote& note) {
  const std::string identity = note.involved.uid.value + "\n" + note.reason + "\n" + note.message;
  return note.involved.key.name.substr(0, 200) + "." + sha256_hex(identity).substr(0, 16);
}

EventRecorder::EventRecorder(Options options, http::Port& port, Loop& loop, std::function<bool()> may_write)
    : options_(std::move(options)), port_(port), loop_(loop), may_write_(std::move(may_write)) {}

void EventRecorder::record(const EventNote& note) {
  std::string name = event_name(note);
  const SteadyTime now = loop_.now();
  if (const auto at = written_.find(name); at != written_.end() && now - at->second < kRemembered) return;
  if (queue_.size() >= options_.queued || !afford(note.involved.uid)) {
    ++dropped_;
    return;
  }
  keep_below(written_, options_.remembered, [](SteadyTime at) { return at; });
  written_[name] = now;
  const std::string time = format_time(loop_.wall_now());
  const std::string ns = namespace_of(note);
  const ObjectReference& object = note.involved;
  nlohmann::json involved = {
      {"apiVersion", object.api_version}, {"kind", object.kind}, {"name", object.key.name}, {"uid", object.uid.value}};
  if (!object.key.ns.empty()) involved["namespace"] = object.key.ns;
  const nlohmann::json event = {{"apiVersion", "v1"},
                                {"kind", "Event"},
                                {"metadata", {{"namespace", ns}, {"name", name}}},
                                {"involvedObject", std::move(involved)},
                                {"type", note.kind == EventKind::normal ? "Normal" : "Warning"},
                                {"reason", note.reason},
                                {"message", bounded(note.message, kLongestMessage)},
                                {"source", {{"component", options_.component}}},
                                {"reportingComponent", options_.component},
                                {"reportingInstance", options_.instance},
                                {"firstTimestamp", time},
                                {"lastTimestamp", time},
                                {"count", 1}};
  queue_.push_back({std::move(name), create(kEvents, ns, event)});
  send_next();
}

bool EventRecorder::afford(const Uid& uid) {
  const SteadyTime now = loop_.now();
  const auto at = budgets_.find(uid);
  if (at == budgets_.end()) {
    keep_below(budgets_, options_.remembered, [](const Budget& budget) { return budget.at; });
    budgets_[uid] = {options_.burst - 1.0, now};
    return true;
  }
  Budget& budget = at->second;
  const auto passed = std::chrono::duration<double>(now - budget.at) / std::chrono::duration<double>(options_.refill);
  budget = {std::min<double>(options_.burst, budget.tokens + passed), now};
  if (budget.tokens < 1.0) return false;
  budget.tokens -= 1.0;
  return true;
}

void EventRecorder::send_next() {
  if (queue_.empty() || call_ || timer_) return;
  if (!may_write_()) {
    timer_ = loop_.after(kRetry, [this] {
      timer_.reset();
      send_next();
    });
    return;
  }
  http::Request request = queue_.front().request;
  request.may_send = may_write_;
  call_ = port_.send(std::move(request), [this](const Result<http::Response>& response) { answered(response); });
}

void EventRecorder::answered(const Result<http::Response>& response) {
  call_.reset();
  const auto answer = answer_of(response);
  Queued& event = queue_.front();
  if (!answer && answer.error().code != Errc::already_exists) {
    const Error& error = answer.error();
    const bool again = error.code == Errc::transport || error.code == Errc::throttled || error.code == Errc::server;
    if (again && ++event.tries < kTries) {
      timer_ = loop_.after(std::max(kRetry, error.retry_after), [this] {
        timer_.reset();
        send_next();
      });
      return;
    }
    // A namespace that is being deleted takes no Events: nothing to worry about.
    log::debug("an event was not written", {{"event", event.name}, {"error", error.message}});
    ++dropped_;
  }
  queue_.pop_front();
  send_next();
}

}  // namespace atelier::kube
