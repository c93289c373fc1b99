#include "reconcile/refused_write.h"

#include <algorithm>

namespace atelier::reconcile {

bool is_refusal(const Result<nlohmann::json>& answer) {
  return !answer && (answer.error().code == Errc::forbidden || answer.error().code == Errc::invalid);
}

std::string annotation(const nlohmann::json& object, const char* key) {
  return object["metadata"]["annotations"][key].get<std::string>();
}

Millis failure_backoff(std::int64_t failures) {
  Millis wait{10'000};
  for (std::int64_t i = 1; i < failures && wait < Millis{300'000}; ++i) wait *= 2;
  return std::min(wait, Millis{300'000});
}

void RefusedWrite::asking(const std::string& wanted) {
  if (content == wanted) return;
  content = wanted;
  times = 0;
  undone = false;
}

void RefusedWrite::take_back(WallTime now) {
  ++times;
  undone = true;
  message = "something in the cluster changes it back at once";
  at = now;
}

void RefusedWrite::learn(const Result<nlohmann::json>* answer, WallTime now) {
  if (answer == nullptr) return;
  if (*answer) times = 0;
  undone = false;
  if (!is_refusal(*answer)) return;
  ++times;
  message = answer->error().message;
  at = now;
}

}  // namespace atelier::reconcile
