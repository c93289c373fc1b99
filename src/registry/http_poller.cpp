#include "registry/http_poller.h"

#include <algorithm>
#include <utility>

#include "atelier/base/log.h"
#include "registry/rhythm.h"
#include "registry/words.h"

namespace atelier::registry {
namespace {

bool same(const std::optional<Answer>& before, const Answer& now) {
  if (!before || before->has_value() != now.has_value()) return false;
  if (now) return before->value() == now.value();
  return before->error().code == now.error().code && before->error().message == now.error().message;
}

bool same_kind(const std::optional<Answer>& before, const Answer& now) {
  if (!before || before->has_value() != now.has_value()) return false;
  return now.has_value() || before->error().code == now.error().code;
}

// Whom a registry knows by these.
std::string identity(const std::optional<Credentials>& who) {
  return who ? who->username + '\0' + who->password : std::string();
}

bool proves(const http::Request& request) {
  return std::any_of(request.headers.begin(), request.headers.end(),
                     [](const auto& header) { return header.first == "Authorization"; });
}

// A tag that is not there yet is an answer like another.
bool is_failure(const Answer& answer) { return !answer && answer.error().code != Errc::not_found; }

}  // namespace

struct HttpPoller::Poll {
  Question question;
  std::optional<Reference> reference;  // absent: it can have no other answer than that it is none
  std::set<ObjectKey> askers{};
  std::optional<Answer> answer{};
  unsigned failures = 0;
  std::unique_ptr<Timer> due{};
  std::unique_ptr<Inquiry> inquiry{};  // while it has a place
  std::optional<Origin> asked{};       // while a request is on the wire
  std::string asked_as{};              // then; empty: as anybody
  std::unique_ptr<http::Call> call{};

  std::set<std::string> namespaces() const {
    std::set<std::string> all;
    for (const ObjectKey& asker : askers) all.insert(asker.ns);
    return all;
  }
};

HttpPoller::HttpPoller(Settings settings, Environment environment, Events events)
    : settings_(std::move(settings)),
      loop_(environment.loop),
      random_(environment.random),
      events_(std::move(events)),
      ports_(environment.loop, std::move(environment.make_port)) {}

HttpPoller::~HttpPoller() = default;

HttpPoller::Key HttpPoller::key_of(const Question& question) {
  const Credentials& who = question.credentials ? *question.credentials : Credentials{};
  return {question.repository, question.tag, question.rule, question.interval, question.credentials.has_value(),
          who.username,        who.password};
}

void HttpPoller::ask(const ObjectKey& asker, Question question) {
  const Key key = key_of(question);
  const auto known = by_question_.find(key);
  if (known != by_question_.end()) return join(asker, known->second);
  const Id id = next_id_++;
  auto reference = parse_reference(question.repository);
  auto poll = std::make_unique<Poll>(
      Poll{std::move(question), reference ? std::optional(std::move(reference).value()) : std::nullopt});
  wake_at(*poll, id, Millis{0});
  polls_.emplace(id, std::move(poll));
  by_question_.emplace(key, id);
  join(asker, id);
}

void HttpPoller::join(const ObjectKey& asker, Id id) {
  const auto at = by_asker_.find(asker);
  if (at != by_asker_.end() && at->second == id) return;
  forget(asker);
  by_asker_.emplace(asker, id);
  polls_.at(id)->askers.insert(asker);
  places_.join(id, asker.ns);
}

void HttpPoller::forget(const ObjectKey& asker) {
  const auto at = by_asker_.find(asker);
  if (at == by_asker_.end()) return;
  const Id id = at->second;
  by_asker_.erase(at);
  Poll& poll = *polls_.at(id);
  poll.askers.erase(asker);
  if (poll.askers.empty()) return drop(id);
  if (!poll.namespaces().contains(asker.ns)) places_.part(id, asker.ns);
}

void HttpPoller::drop(Id id) {
  const auto at = polls_.find(id);
  end_request(*at->second);
  places_.leave(id);
  by_question_.erase(key_of(at->second->question));
  const std::unique_ptr<Poll> gone = std::move(at->second);
  polls_.erase(at);
  forget_authorization(*gone);
  fill_places();
}

// Unless another poll uses it, as for another tag of the same image.
void HttpPoller::forget_authorization(const Poll& of) {
  if (!of.reference) return;
  const bool used = std::any_of(polls_.begin(), polls_.end(), [&of](const auto& entry) {
    const Poll& other = *entry.second;
    return other.reference == of.reference && other.question.credentials == of.question.credentials;
  });
  if (used) return;
  authorizations_.forget({origin_of(*of.reference, settings_), of.reference->name, of.question.credentials});
}

std::optional<Answer> HttpPoller::answer(const ObjectKey& asker) const {
  const auto at = by_asker_.find(asker);
  return at == by_asker_.end() ? std::nullopt : polls_.at(at->second)->answer;
}

void HttpPoller::wake_at(Poll& poll, Id id, Millis wait) {
  poll.due = loop_.after(wait, [this, id] { begin(id); });
}

void HttpPoller::begin(Id id) {
  Poll& poll = *polls_.at(id);
  if (!poll.reference) return conclude(id, parse_reference(poll.question.repository).error());
  const std::string host = origin_of(*poll.reference, settings_).authority();
  places_.wait({host, identity(poll.question.credentials)}, poll.namespaces(), id);
  fill_places();
}

// What comes to an end at once tells its askers, who may bring us here again.
void HttpPoller::fill_places() {
  if (std::exchange(filling_, true)) return;
  while (const auto id = places_.next(loop_.now())) {
    Poll& poll = *polls_.at(*id);
    poll.inquiry = std::make_unique<Inquiry>(*poll.reference, poll.question, settings_, authorizations_);
    go_on(*id, poll.inquiry->begin(loop_.now()));
  }
  filling_ = false;
  const auto released = places_.released(loop_.now());
  if (released) {
    release_ = loop_.at(*released, [this] { fill_places(); });
  } else {
    release_.reset();
  }
}

void HttpPoller::go_on(Id id, Inquiry::Step step) {
  if (auto* const answer = std::get_if<Answer>(&step)) return conclude(id, std::move(*answer));
  auto& outgoing = std::get<Inquiry::Outgoing>(step);
  const std::string host = outgoing.to.authority();
  const SteadyTime until = places_.held_until({host, identity(polls_.at(id)->question.credentials)});
  if (until <= loop_.now()) return send(id, std::move(outgoing));
  Error error{Errc::throttled, host + " wants to be left alone"};
  error.retry_after = std::chrono::ceil<Millis>(until - loop_.now());
  conclude(id, std::move(error));
}

void HttpPoller::send(Id id, Inquiry::Outgoing outgoing) {
  Poll& poll = *polls_.at(id);
  poll.asked = outgoing.to;
  poll.asked_as = proves(outgoing.request) ? identity(poll.question.credentials) : "";
  poll.call = ports_.take(outgoing.to).send(std::move(outgoing.request), [this, id](Result<http::Response> response) {
    answered(id, response);
  });
}

void HttpPoller::end_request(Poll& poll) {
  poll.call.reset();
  if (poll.asked) ports_.give_back(*std::exchange(poll.asked, std::nullopt));
}

void HttpPoller::answered(Id id, const Result<http::Response>& response) {
  Poll& poll = *polls_.at(id);
  Inquiry::Step step = poll.inquiry->answered(response, loop_.now());
  leave_alone(poll, step);
  end_request(poll);
  go_on(id, std::move(step));
  fill_places();
}

// Whoever answered so, be it a registry or a server that gives tokens, and for whom: one tenant's limit is not
// another's. Who brings no credentials is limited by our address, which all have in common.
void HttpPoller::leave_alone(const Poll& poll, const Inquiry::Step& step) {
  const auto* const answer = std::get_if<Answer>(&step);
  if (answer == nullptr || *answer || answer->error().retry_after.count() == 0) return;
  places_.hold({poll.asked->authority(), poll.asked_as}, loop_.now() + answer->error().retry_after);
}

void HttpPoller::conclude(Id id, Answer answer) {
  Poll& poll = *polls_.at(id);
  poll.inquiry.reset();
  places_.end(id, answer || answer.error().code != Errc::transport, loop_.now());
  const Question& question = poll.question;
  const bool first = !poll.answer;
  poll.failures = is_failure(answer) ? poll.failures + 1 : 0;
  if (poll.reference) {
    Millis wait = first && poll.failures == 0 ? first_wait(question.interval, random_.unit())
                                              : next_wait(question.interval, poll.failures, random_.unit());
    if (!answer) wait = std::max(wait, answer.error().retry_after);
    wake_at(poll, id, wait);
  }
  const std::string result = answer ? "found" : std::string(to_string(answer.error().code));
  if (!same_kind(poll.answer, answer)) {
    if (answer) {
      log::info("an image was found", {{"repository", plain_words(question.repository)},
                                       {"tag", answer.value().tag},
                                       {"digest", answer.value().digest}});
    } else {
      log::warn(
          "an image was not found",
          {{"repository", plain_words(question.repository)}, {"result", result}, {"error", answer.error().message}});
    }
  }
  events_.polled(result);
  if (same(poll.answer, answer)) return;
  poll.answer = std::move(answer);
  const std::set<ObjectKey> askers = poll.askers;  // who may be told is free to ask something else
  for (const ObjectKey& asker : askers) events_.changed(asker);
}

}  // namespace atelier::registry
