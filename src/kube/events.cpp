#include "atelier/kube/events.h"

#include <algorithm>

#include "atelier/base/digest.h"
#include "atelier/base/log.h"
#include "atelier/base/text.h"
#include "atelier/kube/request.h"
#include "atelier/kube/status_error.h"

namespace atelier::kube {
namespace {

using nlohmann::json;

constexpr std::size_t kLongestMessage = 1'024;
constexpr int kTries = 5;
constexpr Millis kRetry{2'000};
constexpr Millis kRemembered{3'600'000};  // how long an API server keeps an Event after its last write
constexpr Millis kFirstPause{60'000};     // between writes of one Event
constexpr Millis kLongestPause{300'000};
constexpr std::size_t kDifferent = 10;  // messages of one object and reason that are told one by one
constexpr Millis kQuiet{600'000};
constexpr std::int64_t kMostCounted = 1'000'000'000;  // an Event's count has 32 bits
constexpr const char* kCombined = "(combined from similar events): ";

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

template <class T>
T value_or(const json& object, const char* field, T otherwise) {
  const auto at = object.is_object() ? object.find(field) : object.end();
  if (at == object.end()) return otherwise;
  if constexpr (std::is_same_v<T, std::string>) return at->is_string() ? at->template get<T>() : otherwise;
  return at->is_number_integer() ? at->template get<T>() : otherwise;
}

}  // namespace

std::string event_name(const EventNote& note) {
  const std::string identity = note.involved.uid.value + "\n" + note.reason + "\n" + note.message;
  return note.involved.key.name.substr(0, 200) + "." + sha256_hex(identity).substr(0, 16);
}

EventRecorder::EventRecorder(Options options, http::Port& port, Loop& loop, std::function<bool()> may_write)
    : options_(std::move(options)), port_(port), loop_(loop), may_write_(std::move(may_write)) {}

void EventRecorder::record(const EventNote& note) {
  const SteadyTime now = loop_.now();
  const WallTime wall = loop_.wall_now();
  EventNote told = correlated(note);
  const bool combined = told.message == kCombined;
  const std::string name = event_name(told);
  if (combined) told.message += note.message;
  told.message = bounded(told.message, kLongestMessage);
  auto at = said_.find(name);
  if (at != said_.end() && !at->second.queued && now - at->second.written_at >= kRemembered) {
    forget(at);
    at = said_.end();
  }
  const bool is_new = at == said_.end();
  if (is_new) {
    if (queue_.size() >= options_.queued || !afford(note.involved.uid)) {
      ++dropped_;
      return;
    }
    make_room();
    Said said;
    said.first = wall;
    said.written_at = now;
    said.pause = kFirstPause;
    said.combined = combined;
    at = said_.emplace(name, std::move(said)).first;
  }
  Said& said = at->second;
  said.note = std::move(told);
  said.last = wall;
  ++said.count;
  if (is_new) {
    enqueue(name, said);
    send_next();
  } else if (!said.queued) {
    wait(name, said);
  }
}

// The note itself, or, with kCombined for its message, what it is combined into.
EventNote EventRecorder::correlated(const EventNote& note) {
  const std::string key = note.involved.uid.value + "\n" + note.reason;
  const SteadyTime now = loop_.now();
  if (!similar_.contains(key)) {
    keep_below(similar_, options_.remembered, [](const Similar& similar) { return similar.at; });
  }
  Similar& similar = similar_[key];
  if (now - similar.at > kQuiet) similar.messages.clear();
  similar.at = now;
  const std::size_t message = std::hash<std::string>{}(note.message);
  if (std::find(similar.messages.begin(), similar.messages.end(), message) != similar.messages.end()) return note;
  if (similar.messages.size() < kDifferent) {
    similar.messages.push_back(message);
    return note;
  }
  EventNote combined = note;
  combined.message = kCombined;
  return combined;
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

void EventRecorder::make_room() {
  if (said_.size() < options_.remembered) return;
  const auto age = [](const auto& entry) { return entry.second.queued ? SteadyTime::max() : entry.second.written_at; };
  forget(std::min_element(said_.begin(), said_.end(), [&](const auto& a, const auto& b) { return age(a) < age(b); }));
}

void EventRecorder::forget(std::map<std::string, Said>::iterator at) {
  due_.erase({at->second.next, at->first});
  said_.erase(at);
}

void EventRecorder::enqueue(const std::string& name, Said& said) {
  said.queued = true;
  queue_.push_back(name);
}

void EventRecorder::wait(const std::string& name, Said& said) {
  if (due_.insert({said.next, name}).second && due_.begin()->second == name) arm();
}

void EventRecorder::arm() {
  flush_.reset();
  if (due_.empty()) return;
  flush_ = loop_.at(due_.begin()->first, [this] {
    flush_.reset();
    flush();
  });
}

void EventRecorder::flush() {
  while (!due_.empty() && due_.begin()->first <= loop_.now()) {
    const std::string name = due_.begin()->second;
    due_.erase(due_.begin());
    Said& said = said_.at(name);
    if (queue_.size() < options_.queued) {
      enqueue(name, said);
    } else {  // nothing is lost: the count stays
      said.next = loop_.now() + kFirstPause;
      due_.insert({said.next, name});
    }
  }
  arm();
  send_next();
}

http::Request EventRecorder::request_of(const std::string& name, const Said& said) const {
  const std::string ns = namespace_of(said.note);
  const std::string last = format_time(said.last);
  const std::int64_t count = said.before + said.count;
  if (said.stage == Stage::met) return merge_patch(kEvents, {ns, name}, {{"lastTimestamp", last}});
  if (said.stage == Stage::posted) {
    json patch = {{"count", count}, {"lastTimestamp", last}};
    if (said.combined) patch["message"] = said.note.message;
    return merge_patch(kEvents, {ns, name}, patch);
  }
  const ObjectReference& object = said.note.involved;
  json involved = {
      {"apiVersion", object.api_version}, {"kind", object.kind}, {"name", object.key.name}, {"uid", object.uid.value}};
  if (!object.key.ns.empty()) involved["namespace"] = object.key.ns;
  return create(kEvents, ns,
                {{"apiVersion", "v1"},
                 {"kind", "Event"},
                 {"metadata", {{"namespace", ns}, {"name", name}}},
                 {"involvedObject", std::move(involved)},
                 {"type", said.note.kind == EventKind::normal ? "Normal" : "Warning"},
                 {"reason", said.note.reason},
                 {"message", said.note.message},
                 {"source", {{"component", options_.component}}},
                 {"reportingComponent", options_.component},
                 {"reportingInstance", options_.instance},
                 {"firstTimestamp", format_time(said.first)},
                 {"lastTimestamp", last},
                 {"count", count}});
}

void EventRecorder::send_next() {
  if (call_ || retry_) return;
  while (!queue_.empty() && !said_.contains(queue_.front())) queue_.pop_front();  // forgotten meanwhile
  if (queue_.empty()) return;
  if (!may_write_()) return retry_after(kRetry);
  Said& said = said_.at(queue_.front());
  said.sent = said.count;
  http::Request request = request_of(queue_.front(), said);
  request.may_send = may_write_;
  call_ = port_.send(std::move(request), [this](const Result<http::Response>& response) { answered(response); });
}

void EventRecorder::retry_after(Millis delay) {
  retry_ = loop_.after(delay, [this] {
    retry_.reset();
    send_next();
  });
}

void EventRecorder::answered(const Result<http::Response>& response) {
  call_.reset();
  const std::string name = queue_.front();
  const auto at = said_.find(name);
  const auto answer = answer_of(response);
  if (at != said_.end()) {
    Said& said = at->second;
    if (answer) {
      if (!was_written(name, said, answer.value())) return send_next();
    } else {
      const Error& error = answer.error();
      const bool posting = said.stage == Stage::unposted;
      const bool met = posting && error.code == Errc::already_exists;
      const bool expired = !posting && error.code == Errc::not_found;
      const bool later = error.code == Errc::transport || error.code == Errc::throttled || error.code == Errc::server;
      if ((met || expired || later) && ++tries_ < kTries) {
        if (later) return retry_after(std::max(kRetry, error.retry_after));
        said.stage = met ? Stage::met : Stage::unposted;
        return send_next();
      }
      // A namespace that is being deleted takes no Events: nothing to worry about.
      log::debug("an event was not written", {{"event", name}, {"error", error.message}});
      ++dropped_;
      forget(at);
    }
  }
  tries_ = 0;
  queue_.pop_front();
  send_next();
}

// Whether the Event says all of it now.
bool EventRecorder::was_written(const std::string& name, Said& said, const json& event) {
  if (std::exchange(said.stage, Stage::posted) == Stage::met) {
    const auto there = std::clamp<std::int64_t>(value_or(event, "count", std::int64_t{1}), 0, kMostCounted);
    const bool ours = value_or(event, "reportingInstance", std::string{}) == options_.instance &&
                      value_or(event, "firstTimestamp", std::string{}) == format_time(said.first);
    said.before = ours ? 0 : there;
    if (said.before + said.count != there) return false;
  }
  said.queued = false;
  said.written_at = loop_.now();
  said.next = said.written_at + said.pause;
  said.pause = std::min(2 * said.pause, kLongestPause);
  if (said.count > said.sent) wait(name, said);
  return true;
}

}  // namespace atelier::kube
