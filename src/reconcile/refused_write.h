// What the API server refuses of a Workspace's writes. Lost with the process, and then learned again.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "atelier/base/result.h"
#include "atelier/base/time.h"

namespace atelier::reconcile {

// Whether the server will not have it, for now or for good; other errors say nothing about the write.
inline bool is_refusal(const Result<nlohmann::json>& answer) {
  return !answer && (answer.error().code == Errc::forbidden || answer.error().code == Errc::invalid);
}

// Of an object that this operator rendered.
inline std::string annotation(const nlohmann::json& object, const char* key) {
  return object["metadata"]["annotations"][key].get<std::string>();
}

// The last write of one kind: what it was, and how often that was refused. A changed write is a new one.
struct RefusedWrite {
  std::string content;  // a hash
  std::int64_t times = 0;
  std::string message;  // the server's, of the last time
  WallTime at{};

  bool refused(const std::string& wanted) const { return times > 0 && content == wanted; }

  void asking(const std::string& wanted) {
    if (content == wanted) return;
    content = wanted;
    times = 0;
  }
  // Null: there is no answer.
  void learn(const Result<nlohmann::json>* answer, WallTime now) {
    if (answer == nullptr) return;
    if (*answer) times = 0;
    if (!is_refusal(*answer)) return;
    ++times;
    message = answer->error().message;
    at = now;
  }
};

struct WorkspaceRefusals {
  RefusedWrite pod;
  RefusedWrite deployment;
};

}  // namespace atelier::reconcile
