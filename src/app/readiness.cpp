#include "app/readiness.h"

namespace atelier::app {
namespace {

std::string unsynced(const Readiness& now) {
  std::string words;
  for (const std::string& resource : now.unlisted) words += (words.empty() ? "no list yet of " : ", ") + resource;
  return words;
}

std::string leaderless(const Readiness& now) {
  if (now.stopping) return "this process is stopping";
  if (now.leading || !now.holder.empty()) return "";
  return "no leader is known yet";
}

}  // namespace

std::vector<Check> ready_checks(const Readiness& now) {
  return {{"synced", unsynced(now)}, {"leadership", leaderless(now)}};
}

}  // namespace atelier::app
