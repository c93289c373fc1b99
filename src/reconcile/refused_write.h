// What the API server refuses of a reconciler's writes, and when they are tried again. Lost with the process, and then
// learned again.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "atelier/base/result.h"
#include "atelier/base/time.h"

namespace atelier::reconcile {

// Whether the server will not have it, for now or for good; other errors say nothing about the write.
bool is_refusal(const Result<nlohmann::json>& answer);

// Of an object that this operator rendered.
std::string annotation(const nlohmann::json& object, const char* key);

// Wait after the n-th failure in a row: 10 s, doubling up to 5 min.
Millis failure_backoff(std::int64_t failures);

// The last write of one kind: what it was, and how often that was refused. A changed write is a new one.
struct RefusedWrite {
  std::string content;  // a hash
  std::int64_t times = 0;
  std::string message;  // the server's, of the last time
  WallTime at{};
  bool undone = false;  // the last time the server took it, and something else took it back at once

  bool refused(const std::string& wanted) const { return times > 0 && content == wanted; }
  // When it may be tried again.
  WallTime again() const { return at + failure_backoff(times); }

  void asking(const std::string& wanted);
  // The answer is not what was asked for.
  void take_back(WallTime now);
  // Null: there is no answer.
  void learn(const Result<nlohmann::json>* answer, WallTime now);
};

}  // namespace atelier::reconcile
