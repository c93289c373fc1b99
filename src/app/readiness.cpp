#include "app/readiness.h"

#include <algorithm>

namespace atelier::app {
namespace {

// One sentence says what to do about many resources that are refused alike.
std::string unsynced(const Readiness& now) {
  std::string words;
  for (const Unlisted& one : now.unlisted) words += (words.empty() ? "no list yet of " : ", ") + one.what;
  std::vector<std::string> said;
  for (const Unlisted& one : now.unlisted) {
    if (one.refusal.empty() || std::find(said.begin(), said.end(), one.remedy) != said.end()) continue;
    said.push_back(one.remedy);
    words += "; " + one.refusal + (one.remedy.empty() ? "" : "; " + one.remedy);
  }
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
