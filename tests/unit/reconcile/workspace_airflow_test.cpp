#include "reconcile/workspace_airflow.h"

#include <gtest/gtest.h>

#include "render/airflow_env.h"
#include "unit/reconcile/workspace_world.h"

namespace atelier::reconcile {
namespace {

// The workspace gives a variable, and its domain has merged it.
struct Given : testing::WorkspaceWorld {
  Given() {
    workspace.spec.airflow.extra_env = {{"A", "x"}};
    env.variables = {{"A", "x"}};
    env.taken[workspace.metadata.uid] = {};
    airflow = &env;
    domain.status.airflow.emplace() = {"dd01-airflow-env", render::airflow_env_hash(env.variables), {}, 1, {}, {}};
  }
  AirflowEnv::Losses& losses() { return env.taken[workspace.metadata.uid]; }
  std::string said() const {
    const WorkspaceDecision decision = decide();
    const meta::Condition* found = meta::find_condition(decision.status.conditions, "AirflowEnv");
    return found == nullptr ? ""
                            : std::string(meta::to_string(found->status)) + " " + found->reason + " " + found->message;
  }

  AirflowEnv env;
};

TEST(WorkspaceAirflow, TellsThatItsVariablesAreThereOnceTheDataDomainHasSeenThem) {
  Given given;
  EXPECT_EQ(given.said().find("True Merged"), 0U) << given.said();
  given.domain.status.airflow->hash = "of another content";
  EXPECT_EQ(given.said().find("False EnvPending"), 0U);
  given.domain.status.airflow.reset();
  EXPECT_EQ(given.said().find("False EnvPending"), 0U);
}

TEST(WorkspaceAirflow, TellsAConflictWithBothOwnersAndTheNameButNoValue) {
  Given given;
  given.losses().clashes = {1, "A", {"team-a", "ws"}, {"team-b", "older"}};
  given.env.taken[Uid{"other"}].clashes = {2, "B", {"team-c", "other"}, {"team-a", "ws"}};
  const std::string said = given.said();
  EXPECT_EQ(said.find("False EnvConflict"), 0U) << said;
  for (const char* word : {"A does not count", "\"team-b/older\""})
    EXPECT_NE(said.find(word), std::string::npos) << said;
  EXPECT_EQ(said.find("more)"), std::string::npos) << "the other conflict is not its own";
  EXPECT_EQ(given.decide().notes.front().reason, "EnvConflict");
  given.losses().clashes = {};
  EXPECT_EQ(given.said().find("True Merged"), 0U) << "who was first has none";
}

TEST(WorkspaceAirflow, TellsWhatHasNoRoom) {
  Given given;
  given.losses().no_room = {1, "A", {"team-a", "ws"}, {}};
  EXPECT_EQ(given.said().find("False EnvTooLarge"), 0U);
}

TEST(WorkspaceAirflow, SaysNothingIsThereThatIsNot) {
  Given given;
  given.env.taken.clear();
  EXPECT_EQ(given.said().find("False EnvPending"), 0U) << given.said();
  Given refused;
  refused.losses().refused = {2, "PATH", {"team-a", "ws"}, {}};
  EXPECT_EQ(refused.said().find("False EnvRefused spec.airflow.extraEnv: PATH (and 1 more)"), 0U) << refused.said();
  refused.losses().refused = {1, "A", {"team-a", "ws"}, {}};
  refused.domain.spec.airflow.emplace().allowed_prefixes = {"HD_", "WS_"};
  EXPECT_NE(refused.said().find("names that begin with one of: HD_, WS_"), std::string::npos) << refused.said();
}

TEST(WorkspaceAirflow, SaysNothingWithoutVariablesOrAdmission) {
  Given given;
  given.commit(given.decide());
  given.domain.spec.workspace_namespaces.clear();
  EXPECT_EQ(given.said(), "");
  Given again;
  again.commit(again.decide());
  again.workspace.spec.airflow.extra_env.clear();
  again.airflow = nullptr;
  EXPECT_EQ(again.said(), "");
}

}  // namespace
}  // namespace atelier::reconcile
