#include "app/readiness.h"

#include <gtest/gtest.h>

namespace atelier::app {
namespace {

std::string failures(const Readiness& now) {
  std::string found;
  for (const Check& check : ready_checks(now)) {
    if (!check.failure.empty()) found += check.name + ": " + check.failure + "; ";
  }
  return found;
}

TEST(AnOperatorIsReady, WhenItLeadsAndHasAllLists) { EXPECT_EQ(failures({.leading = true}), ""); }

TEST(AnOperatorIsReady, AsAStandbyThatKnowsTheLeader) { EXPECT_EQ(failures({.holder = "other"}), ""); }

TEST(AnOperatorIsNotReady, BeforeEveryListIsIn) {
  EXPECT_EQ(failures({.unlisted = {{"pods"}, {"runs"}}, .leading = true}), "synced: no list yet of pods, runs; ");
}

TEST(AnOperatorIsNotReady, WhileAListIsRefusedAndSaysOnceWhatToDo) {
  EXPECT_EQ(failures({.unlisted = {{"pods", "no pods", "apply the roles"},
                                   {"runs", "no runs", "apply the kinds"},
                                   {"workspaces", "no workspaces", "apply the kinds"},
                                   {"namespaces"}},
                      .leading = true}),
            "synced: no list yet of pods, runs, workspaces, namespaces; no pods; apply the roles; no runs; apply the "
            "kinds; ");
  EXPECT_EQ(failures({.unlisted = {{"pods", "connection reset", ""}}, .leading = true}),
            "synced: no list yet of pods; connection reset; ");
}

TEST(AnOperatorIsNotReady, WhileNobodyIsSeenToLead) { EXPECT_EQ(failures({}), "leadership: no leader is known yet; "); }

TEST(AnOperatorIsNotReady, WhenItStops) {
  EXPECT_EQ(failures({.holder = "other", .stopping = true}), "leadership: this process is stopping; ");
}

}  // namespace
}  // namespace atelier::app
