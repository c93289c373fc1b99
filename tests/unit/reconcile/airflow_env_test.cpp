#include "reconcile/airflow_env.h"

#include <gtest/gtest.h>

#include <functional>
#include <list>

namespace atelier::reconcile {
namespace {

using Variables = std::map<std::string, std::string>;

// A DataDomain that admits team-a and team-b, and its workspaces in the order of their claims.
struct Givers {
  Givers() {
    tenant.metadata.name = "bd";
    tenant.spec.namespaces = {"bd01"};
    domain.metadata.name = "dd01";
    domain.metadata.ns = "bd01";
    domain.spec.key = "key01";
    domain.spec.business_domain.name = "bd";
    domain.spec.workspace_namespaces = {"team-a", "team-b"};
    meta::Condition ready;
    ready.type = "Ready";
    ready.status = meta::ConditionStatus::true_;
    domain.status.conditions = {ready};
  }

  api::Workspace& add(const std::string& ns, const std::string& name, std::vector<api::AirflowVariable> variables) {
    api::Workspace& made = workspaces.emplace_back();
    made.metadata.ns = ns;
    made.metadata.name = name;
    made.metadata.uid = Uid{ns + name};
    made.spec.data_domain = {"dd01", "bd01"};
    made.spec.airflow.extra_env = std::move(variables);
    domain.status.claims.push_back({name, ns, made.metadata.uid});
    return made;
  }

  AirflowEnv merged() const {
    std::vector<const api::Workspace*> all;
    for (const api::Workspace& one : workspaces) all.push_back(&one);
    return merge_airflow_env(domain, &tenant, all);
  }

  api::BusinessDomain tenant;
  api::DataDomain domain;
  std::list<api::Workspace> workspaces;
};

TEST(AirflowEnv, HasTheVariablesOfAllWithTheirTemplatesReplaced) {
  Givers givers;
  givers.add("team-a", "one", {{"A", "${datadomain}/${workspace}/${namespace}"}, {"RAW", "$${x}"}});
  givers.add("team-b", "two", {{"B", ""}});
  const AirflowEnv env = givers.merged();
  EXPECT_EQ(env.variables, (Variables{{"A", "key01/one/team-a"}, {"B", ""}, {"RAW", "${x}"}}));
  EXPECT_EQ(env.workspaces, 2);
  EXPECT_EQ(env.losses.clashes.count, 0U);
  EXPECT_EQ(env.taken.size(), 2U);
}

TEST(AirflowEnv, OfTwoValuesThatOfTheOlderClaimCountsWhateverTheOrderOfTheCache) {
  Givers givers;
  givers.add("team-b", "younger", {{"SHARED", "b"}, {"OWN", "1"}});
  givers.add("team-a", "older", {{"SHARED", "a"}});
  std::swap(givers.domain.status.claims[0], givers.domain.status.claims[1]);
  const AirflowEnv env = givers.merged();
  EXPECT_EQ(env.variables, (Variables{{"OWN", "1"}, {"SHARED", "a"}}));
  const AirflowEnv::LeftOut& clash = env.losses.clashes;
  EXPECT_EQ(clash.count, 1U);
  EXPECT_EQ(clash.name, "SHARED");
  EXPECT_EQ(clash.holder, (ObjectKey{"team-a", "older"}));
  EXPECT_EQ(clash.workspace, (ObjectKey{"team-b", "younger"}));
  EXPECT_EQ(env.taken.at(Uid{"team-byounger"}).clashes.count, 1U);
  EXPECT_EQ(env.taken.at(Uid{"team-aolder"}).clashes.count, 0U);
}

TEST(AirflowEnv, TheSameValueTwiceIsNoConflict) {
  Givers givers;
  givers.add("team-a", "one", {{"A", "x"}});
  givers.add("team-b", "two", {{"A", "x"}});
  const AirflowEnv env = givers.merged();
  EXPECT_EQ(env.losses.clashes.count, 0U);
  EXPECT_EQ(env.workspaces, 2);
  Givers replaced;
  replaced.add("team-a", "one", {{"A", "${workspace}"}});
  replaced.add("team-b", "two", {{"A", "${workspace}"}});
  EXPECT_EQ(replaced.merged().losses.clashes.count, 1U) << "what is compared is what Airflow would see";
}

TEST(AirflowEnv, WhoLeavesTakesItsVariablesAlong) {
  const auto left = [](const std::function<void(Givers&, api::Workspace&)>& leave) {
    Givers givers;
    api::Workspace& one = givers.add("team-a", "one", {{"A", "x"}});
    EXPECT_EQ(givers.merged().variables.size(), 1U);
    leave(givers, one);
    return givers.merged().variables.size();
  };
  EXPECT_EQ(left([](Givers&, api::Workspace& one) { one.metadata.deletion_timestamp = WallTime{}; }), 0U);
  EXPECT_EQ(left([](Givers& givers, api::Workspace&) { givers.domain.spec.workspace_namespaces = {"team-b"}; }), 0U);
  EXPECT_EQ(left([](Givers& givers, api::Workspace&) { givers.tenant.spec.namespaces.clear(); }), 0U);
  EXPECT_EQ(left([](Givers& givers, api::Workspace&) { givers.domain.status.claims[0].sweeping = true; }), 0U);
  EXPECT_EQ(left([](Givers& givers, api::Workspace&) { givers.domain.status.claims.clear(); }), 0U)
      << "and who is not noted yet has none";
  EXPECT_EQ(left([](Givers&, api::Workspace& one) { one.metadata.uid = Uid{"another"}; }), 0U);
  EXPECT_EQ(left([](Givers& givers, api::Workspace&) {
              givers.domain.status.conditions[0].status = meta::ConditionStatus::false_;
            }),
            0U)
      << "as those of a DataDomain whose key another holds";
}

TEST(AirflowEnv, LeavesOutAndCountsWhatValidationRefuses) {
  Givers givers;
  givers.add("team-a", "one",
             {{"AIRFLOW__CORE__FERNET_KEY", "x"}, {"A-B", "x"}, {"NUL", std::string("\0", 1)}, {"A", "x"}});
  EXPECT_EQ(givers.merged().variables, (Variables{{"A", "x"}}));
  const AirflowEnv::Losses mine = givers.merged().taken.at(Uid{"team-aone"});
  EXPECT_EQ(mine.refused.count, 3U);
  EXPECT_EQ(mine.refused.name, "AIRFLOW__CORE__FERNET_KEY") << "the first stands for all";
}

TEST(AirflowEnv, TakesOnlyTheBeginningsThatTheDataDomainAllows) {
  Givers givers;
  givers.add("team-a", "one", {{"HD_A", "x"}, {"B", "x"}, {"hd_c", "x"}, {"WS_D", "x"}});
  givers.domain.spec.airflow.emplace().allowed_prefixes = {"HD_", "WS_"};
  EXPECT_EQ(givers.merged().variables, (Variables{{"HD_A", "x"}, {"WS_D", "x"}}));
  EXPECT_EQ(givers.merged().losses.refused.count, 2U);
  givers.domain.spec.airflow->allowed_prefixes.clear();
  EXPECT_EQ(givers.merged().variables.size(), 4U);
}

TEST(AirflowEnv, OneNamespaceHasNoMoreThanItsShare) {
  Givers givers;
  for (char name = 'a'; name <= 'c'; ++name) {
    givers.add("team-a", {name}, {{{name}, std::string(api::WorkspaceAirflow::kMostBytes - 1, 'x')}});
  }
  givers.add("team-b", "other", {{"OTHER", "x"}});
  const AirflowEnv env = givers.merged();
  EXPECT_EQ(env.variables.size(), 3U);
  EXPECT_EQ(env.losses.no_room.count, 1U);
  EXPECT_EQ(env.losses.no_room.workspace, (ObjectKey{"team-a", "c"}));
  EXPECT_TRUE(env.variables.contains("OTHER"));
}

TEST(AirflowEnv, WhatAWorkspaceHasTooMuchAfterItsTemplatesAreReplacedIsLeftOut) {
  Givers givers;
  const std::string name(63, 'n');
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "${workspace}";
  givers.add("team-a", name, {{"LONG", text}, {"SHORT", "x"}});
  const AirflowEnv env = givers.merged();
  EXPECT_EQ(env.variables, (Variables{{"SHORT", "x"}}));
  EXPECT_EQ(env.losses.no_room.count, 1U);
  EXPECT_EQ(env.losses.no_room.name, "LONG");
}

TEST(AirflowEnv, WhatAllTogetherHaveTooMuchIsLeftOutOfTheYoungest) {
  Givers givers;
  givers.domain.spec.workspace_namespaces = {"a", "b", "c", "d", "e"};
  for (char name = 'a'; name <= 'i'; ++name) {
    givers.add({static_cast<char>('a' + (name - 'a') / 2)}, {name},
               {{{name}, std::string(api::WorkspaceAirflow::kMostBytes - 1, 'x')}});
  }
  const AirflowEnv env = givers.merged();
  EXPECT_EQ(env.variables.size(), 8U);
  EXPECT_EQ(env.losses.no_room.count, 1U);
  EXPECT_EQ(env.losses.no_room.workspace, (ObjectKey{"e", "i"}));
}

}  // namespace
}  // namespace atelier::reconcile
