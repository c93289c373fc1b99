// Which requests a fault proxy harms, and what it has seen.
#pragma once

#include <cstddef>
#include <limits>
#include <memory>
#include <optional>
#include <regex>
#include <string>
#include <vector>

#include "support/fault_proxy_fault.h"

namespace atelier::testing {

inline constexpr std::size_t kAlways = std::numeric_limits<std::size_t>::max();

// Of the requests that fit, the first `from - 1` are spared, and then `times` harmed.
struct Match {
  std::string method = {};                 // empty: any
  std::string target = {};                 // a part of it
  std::optional<std::regex> pattern = {};  // found in the target, too
  std::size_t from = 1;
  std::size_t times = 1;

  bool fits(const std::string& request_method, const std::string& request_target) const;
};

struct Rule {
  Match match;
  Fault fault;
  std::size_t seen = 0;     // requests that fit
  std::size_t applied = 0;  // of them, those that were harmed
};

// What became of a request: "GET /api/v1/pods?watch=1 -> 200 cut". Status 0: none was relayed.
struct LogEntry {
  std::string method;
  std::string target;
  int status = 0;
  std::string fault;
};
std::string to_string(const LogEntry& entry);

class Rules {
 public:
  // Added last, asked last. The proxy keeps the rule's counts up to date.
  std::shared_ptr<Rule> add(Match match, Fault fault);
  void clear() { rules_.clear(); }

  // Counts the request in every rule that it fits; the first that applies decides.
  Fault decide(const std::string& method, const std::string& target);

 private:
  std::vector<std::shared_ptr<Rule>> rules_;
};

}  // namespace atelier::testing
