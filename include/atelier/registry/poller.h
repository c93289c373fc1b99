// What image registries hold, asked for again and again: one poll for all who ask the same, spread over time.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "atelier/base/ids.h"
#include "atelier/base/result.h"
#include "atelier/base/time.h"

namespace atelier::registry {

struct Credentials {
  std::string username;
  std::string password;

  bool operator==(const Credentials&) const = default;
};

// Which image somebody wants to know of. Two questions are one poll if all but `choose` are equal.
struct Question {
  std::string repository;  // as in a pod: "registry.local:5000/team/app"
  std::string tag;         // the tag whose digest is asked for; empty: the one that `choose` picks
  std::string rule;        // names `choose`, for equality
  std::function<std::optional<std::string>(const std::vector<std::string>& tags)> choose;
  Millis interval{0};
  std::optional<Credentials> credentials;
};

struct Found {
  std::string tag;
  std::string digest;  // sha256:<64 hex digits>, of the manifest or index that the tag names

  bool operator==(const Found&) const = default;
};

// Of the last poll that ended. Error codes: not_found (no such repository or tag, or none that `choose` takes),
// unauthorized, forbidden, throttled, transport, server and invalid (an answer that breaks the protocol or our bounds);
// the message is one sentence for the status of a Workspace, without control characters and secrets.
using Answer = Result<Found>;

class Poller {
 public:
  virtual ~Poller() = default;

  // What `asker` wants from now on; replaces what it wanted before. A question that somebody else asks already gets
  // the answer that is known; a new one is asked at once, and then at its interval with jitter.
  virtual void ask(const ObjectKey& asker, Question question) = 0;
  virtual void forget(const ObjectKey& asker) = 0;
  // Nothing while there is none for its question. `changed` (see the maker of the poller) is called for each asker when
  // the answer becomes another one, never inside of ask().
  virtual std::optional<Answer> answer(const ObjectKey& asker) const = 0;
};

}  // namespace atelier::registry
