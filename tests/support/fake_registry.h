// An image registry as a Workspace's follower sees it: tags come and go at once, and pollers tell of it.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "atelier/registry/poller.h"

namespace atelier::testing {

// Sixty-four times the digit.
inline std::string digest(char digit) { return "sha256:" + std::string(64, digit); }

class FakePoller;

struct FakeRegistry {
  std::map<std::string, std::map<std::string, std::string>> repositories;  // tags and their digests
  std::optional<Error> fails;                                              // every poll, while it is there
  std::optional<registry::Credentials> wants;                              // or refuses as unauthorized
  std::vector<FakePoller*> pollers;
  std::function<void()> asked;  // a new question

  // For all pollers: there was a poll of everything.
  void poll();
};

class FakePoller final : public registry::Poller {
 public:
  FakePoller(FakeRegistry& registry, std::function<void(const ObjectKey&)> changed)
      : registry_(registry), changed_(std::move(changed)) {
    registry_.pollers.push_back(this);
  }
  ~FakePoller() override { std::erase(registry_.pollers, this); }

  void ask(const ObjectKey& asker, registry::Question question) override {
    ++asked;
    answers_.erase(asker);
    questions.insert_or_assign(asker, std::move(question));
    if (registry_.asked) registry_.asked();
  }
  void forget(const ObjectKey& asker) override {
    questions.erase(asker);
    answers_.erase(asker);
  }
  std::optional<registry::Answer> answer(const ObjectKey& asker) const override {
    const auto at = answers_.find(asker);
    return at == answers_.end() ? std::nullopt : std::optional(at->second);
  }

  void poll() {
    for (const auto& [asker, question] : questions) {
      registry::Answer now = found(question);
      const auto before = answer(asker);
      const bool same = before && before->has_value() == now.has_value() &&
                        (now ? before->value() == now.value() : before->error().message == now.error().message);
      if (same) continue;
      answers_.insert_or_assign(asker, std::move(now));
      changed_(asker);
    }
  }

  std::map<ObjectKey, registry::Question> questions;
  int asked = 0;

 private:
  registry::Answer found(const registry::Question& question) const {
    if (registry_.fails) return *registry_.fails;
    if (registry_.wants && registry_.wants != question.credentials) {
      return Error{Errc::unauthorized, "the registry wants other credentials"};
    }
    const auto at = registry_.repositories.find(question.repository);
    if (at == registry_.repositories.end()) return Error{Errc::not_found, "there is no such repository"};
    std::vector<std::string> tags;
    for (const auto& [tag, digest] : at->second) tags.push_back(tag);
    const auto tag = question.tag.empty() ? question.choose(tags) : std::optional(question.tag);
    if (!tag || !at->second.contains(*tag)) return Error{Errc::not_found, "there is no such tag"};
    return registry::Found{*tag, at->second.at(*tag)};
  }

  FakeRegistry& registry_;
  std::function<void(const ObjectKey&)> changed_;
  std::map<ObjectKey, registry::Answer> answers_;
};

inline void FakeRegistry::poll() {
  const std::vector<FakePoller*> now = pollers;
  for (FakePoller* poller : now) poller->poll();
}

}  // namespace atelier::testing
