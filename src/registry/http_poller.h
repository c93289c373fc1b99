// The poller of a real process: asks registries by the distribution API v2. docs/reference/registries.md says what and
// how often.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string_view>
#include <tuple>

#include "atelier/base/loop.h"
#include "atelier/registry/poller.h"
#include "registry/authorizations.h"
#include "registry/inquiry.h"
#include "registry/places.h"
#include "registry/ports.h"
#include "registry/settings.h"

namespace atelier::registry {

class HttpPoller final : public Poller {
 public:
  struct Environment {
    Loop& loop;  // borrowed, as is `random`
    Random& random;
    MakePort make_port;
  };
  struct Events {
    std::function<void(const ObjectKey& asker)> changed;
    std::function<void(std::string_view result)> polled;  // "found", or the name of the error's code
  };

  HttpPoller(Settings settings, Environment environment, Events events);
  ~HttpPoller() override;

  void ask(const ObjectKey& asker, Question question) override;
  void forget(const ObjectKey& asker) override;
  std::optional<Answer> answer(const ObjectKey& asker) const override;

  std::size_t polls() const { return polls_.size(); }
  std::size_t authorizations() const { return authorizations_.size(); }

 private:
  using Id = Places::Id;
  using Key = std::tuple<std::string, std::string, std::string, Millis, bool, std::string, std::string>;
  struct Poll;

  static Key key_of(const Question& question);
  void join(const ObjectKey& asker, Id id);
  void wake_at(Poll& poll, Id id, Millis wait);
  void begin(Id id);
  void fill_places();
  void go_on(Id id, Inquiry::Step step);
  void send(Id id, Inquiry::Outgoing outgoing);
  void answered(Id id, const Result<http::Response>& response);
  void conclude(Id id, Answer answer);
  void leave_alone(const Poll& poll, const Inquiry::Step& step);
  void end_request(Poll& poll);
  void drop(Id id);
  void forget_authorization(const Poll& of);

  Settings settings_;
  Loop& loop_;
  Random& random_;
  Events events_;
  Authorizations authorizations_;
  Places places_;
  Ports ports_;
  Id next_id_ = 1;
  std::map<Id, std::unique_ptr<Poll>> polls_;
  std::map<Key, Id> by_question_;
  std::map<ObjectKey, Id> by_asker_;
  bool filling_ = false;
  std::unique_ptr<Timer> release_;  // of a host that wanted to be left alone
};

}  // namespace atelier::registry
