// Credentials that a test gives when it likes.
#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "atelier/http/credentials.h"

namespace atelier::testing {

class FakeCredentials final : public http::Credentials {
 public:
  void get(std::function<void(Result<Snapshot>)> done) override {
    ++asked;
    if (current) return done(current);
    waiting.push_back(std::move(done));
  }
  void refused(const Snapshot& snapshot) override {
    refusals.push_back(snapshot);
    if (after_refusal) after_refusal();
  }

  void set(http::Credential credential) { current = std::make_shared<const http::Credential>(std::move(credential)); }
  void give(http::Credential credential) {
    set(std::move(credential));
    for (const auto& done : std::exchange(waiting, {})) done(current);
  }
  void fail(const Error& error) {
    for (const auto& done : std::exchange(waiting, {})) done(error);
  }

  Snapshot current;  // null: who asks waits
  int asked = 0;
  std::vector<Snapshot> refusals;
  std::function<void()> after_refusal;
  std::vector<std::function<void(Result<Snapshot>)>> waiting;
};

}  // namespace atelier::testing
