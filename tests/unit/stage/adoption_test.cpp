// A plain folder that was under the name before Atelier came.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "stage/publish.h"
#include "unit/stage/sandbox.h"

namespace atelier::stage {
namespace {

using test::Domain;
using test::Files;
using test::kAdopted;
namespace fs = test::fs;

const Files kBefore{{"hand_made.py", "x"}, {"sub/y", "y"}};
const Files kFiles{{"a.py", "a"}};

TEST(Adoption, keeps_the_folder_as_a_release_and_says_so) {
  Domain domain;
  test::write_all(domain.live(), kBefore);
  auto published = domain.publish(kFiles);
  ASSERT_TRUE(published) << message_of(published);
  EXPECT_TRUE(published->adopted);
  EXPECT_TRUE(published->changed);
  EXPECT_TRUE(fs::is_symlink(domain.live()));
  EXPECT_EQ(domain.live_files(), kFiles);
  EXPECT_EQ(test::files_in(domain.releases() / kAdopted), kBefore);
  auto again = domain.publish(kFiles);
  ASSERT_TRUE(again);
  EXPECT_FALSE(again->adopted);
}

TEST(Adoption, of_a_second_folder_in_the_same_second_takes_another_name) {
  Domain domain;
  test::write_all(domain.live(), kBefore);
  ASSERT_TRUE(domain.publish(kFiles));
  fs::remove(domain.live());
  test::write_all(domain.live(), {{"second.py", ""}});
  ASSERT_TRUE(domain.publish(kFiles));
  EXPECT_EQ(test::files_in(domain.releases() / kAdopted), kBefore);
  EXPECT_EQ(test::files_in(domain.releases() / (std::string(kAdopted) + ".1")), (Files{{"second.py", ""}}));
}

int no_exchange(const char* operation) { return std::string(operation) == "exchange" ? EINVAL : 0; }

TEST(Adoption, works_on_storage_that_cannot_exchange_names) {
  Domain domain;
  test::write_all(domain.live(), kBefore);
  auto request = domain.staged(kFiles);
  request.gate = no_exchange;
  auto published = publish(request);
  ASSERT_TRUE(published) << message_of(published);
  EXPECT_TRUE(published->adopted);
  EXPECT_EQ(domain.live_files(), kFiles);
  EXPECT_EQ(test::files_in(domain.releases() / kAdopted), kBefore);
}

int symlinks = 0;
int no_exchange_and_no_second_link(const char* operation) {
  if (std::string(operation) == "symlink" && ++symlinks == 2) return EIO;
  return no_exchange(operation);
}

TEST(Adoption, puts_the_folder_back_if_the_link_cannot_follow) {
  Domain domain;
  test::write_all(domain.live(), kBefore);
  auto request = domain.staged(kFiles);
  symlinks = 0;
  request.gate = no_exchange_and_no_second_link;
  EXPECT_EQ(reason_of(publish(request)), "StorageFailed");
  EXPECT_EQ(test::files_in(domain.live()), kBefore);
}

int exchange_fails(const char* operation) { return std::string(operation) == "exchange" ? EACCES : 0; }

TEST(Adoption, that_the_folders_owner_does_not_allow_leaves_everything) {
  Domain domain;
  test::write_all(domain.live(), kBefore);
  auto request = domain.staged(kFiles);
  request.gate = exchange_fails;
  EXPECT_EQ(reason_of(publish(request)), "StorageNotWritable");
  EXPECT_EQ(test::files_in(domain.live()), kBefore);
  request.gate = nullptr;
  EXPECT_EQ(reason_of(publish(request)), "ok");
  EXPECT_EQ(test::files_in(domain.releases() / kAdopted), kBefore);
}

TEST(Adoption, a_fresh_adoption_is_young_however_old_its_files) {
  Domain domain;
  test::write_all(domain.live(), kBefore);
  fs::last_write_time(domain.live(), fs::file_time_type::clock::now() - std::chrono::hours(100'000));
  auto request = domain.staged(kFiles);
  request.retention = {.releases = 1, .min_age_seconds = 600};
  ASSERT_TRUE(publish(request));
  EXPECT_EQ(test::files_in(domain.releases() / kAdopted), kBefore);
}

TEST(Adoption, links_that_an_interrupted_adoption_left_are_removed) {
  Domain domain;
  test::write_all(domain.live(), kBefore);
  fs::create_directories(domain.releases());
  fs::create_symlink("../.atelier/releases/ws/abc", domain.releases() / kAdopted);
  ASSERT_TRUE(domain.publish(kFiles));
  EXPECT_FALSE(fs::is_symlink(domain.releases() / kAdopted));
  EXPECT_EQ(test::files_in(domain.releases() / (std::string(kAdopted) + ".1")), kBefore);
}

}  // namespace
}  // namespace atelier::stage
