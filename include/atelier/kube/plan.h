// What a reconciler says and hears. A reconciler reads caches and returns a plan; a Controller performs it.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "atelier/base/ids.h"
#include "atelier/base/result.h"
#include "atelier/base/time.h"
#include "atelier/http/port.h"

namespace atelier::kube {

// What a read is taken for: anything else is no answer. A text is told as a JSON string.
enum class Answer { object, list, text };

struct Write {
  std::string id;  // unique in its plan and telling, as in "create pod x"
  http::Request request;
  std::string resource_plural;  // with `key`, the object that is written
  ObjectKey key;
  Answer answer = Answer::object;
};

// The answers to the writes of this key's last plan, by Write::id; told once, empty otherwise. A write that did not
// leave because this process may not write any more is `cancelled`.
struct Feedback {
  const Result<nlohmann::json>* find(const std::string& id) const {
    const auto at = results.find(id);
    return at == results.end() ? nullptr : &at->second;
  }

  std::map<std::string, Result<nlohmann::json>> results;
};

enum class EventKind { normal, warning };

struct ObjectReference {
  std::string api_version;
  std::string kind;
  ObjectKey key;
  Uid uid;
};

struct EventNote {
  EventKind kind = EventKind::normal;
  std::string reason;   // CamelCase
  std::string message;  // a sentence for a person, at most 1024 bytes of it are kept
  ObjectReference involved;
};

// The writes of a plan are independent of each other: they are performed at the same time, in no order, and any
// subset may turn out to be done. What depends on a write belongs in a later plan.
struct Plan {
  std::vector<Write> writes;
  std::vector<EventNote> events;
  // Without writes: look again so much later. With writes the reconciler is asked again anyway.
  std::optional<Millis> requeue_after;
};

class Reconciler {
 public:
  virtual ~Reconciler() = default;
  // Does no I/O. A key whose object is gone is reconciled too.
  virtual Plan reconcile(const ObjectKey& key, const Feedback& feedback, WallTime now) = 0;
};

}  // namespace atelier::kube
