#include "support/fault_proxy_rules.h"

namespace atelier::testing {

bool Match::fits(const std::string& request_method, const std::string& request_target) const {
  if (!method.empty() && method != request_method) return false;
  if (request_target.find(target) == std::string::npos) return false;
  return !pattern || std::regex_search(request_target, *pattern);
}

std::string to_string(const LogEntry& entry) {
  std::string text = entry.method + " " + entry.target + " -> " + std::to_string(entry.status);
  return entry.fault.empty() ? text : text + " " + entry.fault;
}

std::shared_ptr<Rule> Rules::add(Match match, Fault fault) {
  rules_.push_back(std::make_shared<Rule>(Rule{std::move(match), std::move(fault)}));
  return rules_.back();
}

Fault Rules::decide(const std::string& method, const std::string& target) {
  Fault decided;
  bool found = false;
  for (const auto& rule : rules_) {
    if (!rule->match.fits(method, target)) continue;
    ++rule->seen;
    if (found || rule->seen < rule->match.from || rule->applied >= rule->match.times) continue;
    found = true;
    ++rule->applied;
    decided = rule->fault;
  }
  return decided;
}

}  // namespace atelier::testing
