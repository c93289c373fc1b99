#include "stage/roll_back.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/stage/sandbox.h"

namespace atelier::stage {
namespace {

using test::Domain;
using test::Files;
using ::testing::AllOf;
using ::testing::HasSubstr;
namespace fs = test::fs;

const Files kFirst{{"a.py", "1"}};
const Files kSecond{{"a.py", "2"}};

class RollBack : public ::testing::Test {
 protected:
  void SetUp() override {
    auto first = domain_.publish(kFirst, 1);
    ASSERT_TRUE(first) << message_of(first);
    first_ = first->release;
    auto second = domain_.publish(kSecond, 2);
    ASSERT_TRUE(second) << message_of(second);
    second_ = second->release;
  }

  Result<Published> to(const std::string& release, std::uint64_t sequence = 3) {
    return roll_back({.storage = domain_.storage(),
                      .holder = {.uid = uid_, .namespace_name = "team-a", .name = "ws", .data_domain = "dd01"},
                      .sequence = sequence,
                      .release = release,
                      .now = test::kNow,
                      .patience = std::chrono::milliseconds(0)});
  }

  Domain domain_;
  std::string uid_ = "uid-1";
  std::string first_;
  std::string second_;
};

TEST_F(RollBack, makes_a_former_release_live_and_keeps_the_newer_one) {
  const auto back = to(first_);
  ASSERT_TRUE(back) << message_of(back);
  EXPECT_EQ(back->release, first_);
  EXPECT_EQ(back->files, 1U);
  EXPECT_TRUE(back->changed);
  EXPECT_EQ(back->warning, "");
  EXPECT_EQ(domain_.live_files(), kFirst);
  EXPECT_TRUE(fs::exists(domain_.releases() / second_));
}

TEST_F(RollBack, again_changes_nothing) {
  ASSERT_TRUE(to(first_));
  const auto again = to(first_);
  ASSERT_TRUE(again);
  EXPECT_FALSE(again->changed);
}

TEST_F(RollBack, knows_a_release_by_the_beginning_of_its_id) {
  const auto back = to(first_.substr(0, 12));
  ASSERT_TRUE(back) << message_of(back);
  EXPECT_EQ(back->release, first_);
}

TEST_F(RollBack, to_what_is_not_there_names_what_is_and_changes_nothing) {
  const auto back = to(std::string(64, '0'));
  EXPECT_EQ(reason_of(back), "ReleaseMissing");
  EXPECT_THAT(message_of(back), AllOf(HasSubstr(first_), HasSubstr(second_), HasSubstr("spec.dags.release")));
  EXPECT_EQ(domain_.live_files(), kSecond);
}

TEST_F(RollBack, to_several_asks_for_more_of_the_id) {
  const std::string twin = first_.substr(0, 12) + std::string(52, '0');
  test::write_all(domain_.releases() / twin, {{"b.py", "other"}});
  const auto back = to(first_.substr(0, 12));
  EXPECT_EQ(reason_of(back), "ReleaseMissing");
  EXPECT_THAT(message_of(back), HasSubstr("several releases"));
}

TEST_F(RollBack, to_a_damaged_release_is_refused) {
  test::write(domain_.releases() / first_ / "a.py", "damaged");
  const auto back = to(first_);
  EXPECT_EQ(reason_of(back), "ReleaseDamaged");
  EXPECT_EQ(domain_.live_files(), kSecond);
}

TEST_F(RollBack, to_a_release_that_python_ran_from_is_to_the_same) {
  test::write(domain_.releases() / first_ / "__pycache__/a.cpython-312.pyc", "bytecode");
  const auto back = to(first_);
  ASSERT_TRUE(back) << message_of(back);
  EXPECT_EQ(back->files, 1U);
  EXPECT_EQ(back->warning, "");
}

TEST_F(RollBack, to_a_release_with_a_planted_link_is_refused) {
  fs::create_symlink("/etc/passwd", domain_.releases() / first_ / "b.py");
  EXPECT_EQ(reason_of(to(first_)), "ReleaseDamaged");
}

TEST_F(RollBack, takes_the_sound_one_of_two_with_the_same_content) {
  test::write(domain_.releases() / first_ / "a.py", "damaged");
  test::write_all(domain_.releases() / (first_ + ".1"), kFirst);
  const auto back = to(first_);
  ASSERT_TRUE(back) << message_of(back);
  EXPECT_EQ(back->release, first_);
  EXPECT_EQ(domain_.live_files(), kFirst);
}

TEST_F(RollBack, to_an_adopted_folder_says_that_nothing_vouches_for_it) {
  test::write_all(domain_.releases() / test::kAdopted, {{"hand_made.py", "x"}});
  const auto back = to(test::kAdopted);
  ASSERT_TRUE(back) << message_of(back);
  EXPECT_EQ(back->release, test::kAdopted);
  EXPECT_THAT(back->warning, HasSubstr("plain folder"));
  EXPECT_EQ(domain_.live_files(), (Files{{"hand_made.py", "x"}}));
}

TEST_F(RollBack, that_comes_too_late_changes_nothing) {
  EXPECT_EQ(reason_of(to(first_, 1)), "Superseded");
  EXPECT_EQ(domain_.live_files(), kSecond);
}

TEST_F(RollBack, of_another_workspace_is_refused) {
  uid_ = "uid-2";
  EXPECT_EQ(reason_of(to(first_)), "NameTaken");
}

TEST_F(RollBack, makes_older_publishers_too_late) {
  ASSERT_TRUE(to(first_, 3));
  EXPECT_EQ(reason_of(domain_.publish(kSecond, 2)), "Superseded");
}

TEST(ReleaseNames, are_ids_their_beginnings_and_adopted_folders) {
  for (const char* good : {"0123456789ab", "adopted-20270115T080000Z", "adopted-20270115T080000Z.1"}) {
    EXPECT_TRUE(names_release(good)) << good;
  }
  for (const char* bad : {"", "0123456789a", "0123456789AB", "../../etc/passwd", "adopted-../x", "0123456789ab/.."}) {
    EXPECT_FALSE(names_release(bad)) << bad;
  }
  EXPECT_TRUE(names_release(std::string(64, 'a')));
  EXPECT_FALSE(names_release(std::string(65, 'a')));
}

}  // namespace
}  // namespace atelier::stage
