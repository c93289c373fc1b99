#include "registry/authorizations.h"

#include <gtest/gtest.h>

namespace atelier::registry {
namespace {

using std::chrono::seconds;

constexpr SteadyTime kNow{std::chrono::hours{5}};
const Authorizations::Key kNobody{{true, "r", 443}, "team/app", {}};
const Authorizations::Key kAnn{{true, "r", 443}, "team/app", Credentials{"ann", "1"}};

TEST(Authorizations, HoldUntilALittleBeforeTheirEnd) {
  Authorizations held;
  held.put(kNobody, "Bearer a", seconds{60}, kNow);
  EXPECT_EQ(held.get(kNobody, kNow + seconds{49}), "Bearer a");
  EXPECT_EQ(held.get(kNobody, kNow + seconds{50}), "");
  held.put(kNobody, "Bearer b", seconds{8}, kNow);
  EXPECT_EQ(held.get(kNobody, kNow + seconds{5}), "Bearer b");
  EXPECT_EQ(held.get(kNobody, kNow + seconds{6}), "");
  held.put(kAnn, "Bearer c", seconds{0}, kNow);
  EXPECT_EQ(held.get(kAnn, kNow), "") << "serves the request that it was asked for, and no other";
}

TEST(Authorizations, AreOfOneRegistryOneRepositoryAndOneAsker) {
  Authorizations held;
  held.put(kAnn, "Bearer a", seconds{60}, kNow);
  const std::vector<Authorizations::Key> others{
      kNobody,
      {{true, "r", 443}, "team/app", Credentials{"ann", "2"}},
      {{true, "r", 443}, "team/app", Credentials{"bob", "1"}},
      {{true, "r", 443}, "team/other", kAnn.credentials},
      {{true, "r", 5000}, "team/app", kAnn.credentials},
      {{false, "r", 443}, "team/app", kAnn.credentials},
      {{true, "s", 443}, "team/app", kAnn.credentials},
  };
  for (const auto& other : others) EXPECT_EQ(held.get(other, kNow), "");
}

TEST(Authorizations, ThatDidNotHelpGoButNotANewerOne) {
  Authorizations held;
  held.put(kNobody, "Bearer new", seconds{60}, kNow);
  held.drop(kNobody, "Bearer old");
  EXPECT_EQ(held.get(kNobody, kNow), "Bearer new");
  held.drop(kNobody, "Bearer new");
  EXPECT_EQ(held.get(kNobody, kNow), "");
}

TEST(Authorizations, AreNotPushedOutByOthers) {
  Authorizations held;
  held.put(kAnn, "Bearer a", seconds{60}, kNow);
  for (int i = 0; i < 2'000; ++i)
    held.put({{true, "r", 443}, "n" + std::to_string(i), {}}, "Bearer", seconds{600}, kNow);
  EXPECT_EQ(held.get(kAnn, kNow), "Bearer a");
}

TEST(Authorizations, AreForgottenWithWhoAsked) {
  Authorizations held;
  held.put(kAnn, "Bearer a", seconds{60}, kNow);
  held.put(kNobody, "Bearer b", seconds{60}, kNow);
  held.forget(kAnn);
  EXPECT_EQ(held.get(kAnn, kNow), "");
  EXPECT_EQ(held.get(kNobody, kNow), "Bearer b");
  EXPECT_EQ(held.size(), 1U);
}

}  // namespace
}  // namespace atelier::registry
