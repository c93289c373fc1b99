// Storage that knows no symbolic links: the live folder is a copy of its release.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "stage/publish.h"
#include "stage/roll_back.h"
#include "stage/sweep.h"
#include "unit/stage/sandbox.h"

namespace atelier::stage {
namespace {

using test::Domain;
using test::Files;
using ::testing::HasSubstr;
namespace fs = test::fs;

const Files kOld{{"a.py", "old"}, {"same.py", "s"}, {"sub/b.py", "b"}, {"x", "a file"}, {"y/z.py", "in a folder"}};
const Files kNew{{"a.py", "new"}, {"same.py", "s"}, {"sub/c.py", "c"}, {"x/z.py", "in a folder"}, {"y", "a file"}};

class StorageWithoutLinks : public ::testing::Test {
 protected:
  Domain domain_;
  test::Exfat volume_{domain_.storage()};
};

TEST_F(StorageWithoutLinks, gets_a_copy_that_says_so) {
  const auto first = domain_.publish(kOld);
  ASSERT_TRUE(first) << message_of(first);
  EXPECT_TRUE(first->copied);
  EXPECT_TRUE(first->changed);
  EXPECT_FALSE(first->adopted);
  EXPECT_EQ(domain_.live_files(), kOld);
  const auto second = domain_.publish(kNew, 2);
  ASSERT_TRUE(second) << message_of(second);
  EXPECT_EQ(domain_.live_files(), kNew);
  EXPECT_FALSE(fs::exists(domain_.live() / "sub/b.py"));
  EXPECT_TRUE(fs::is_empty(domain_.storage() / ".atelier/tmp"));
  EXPECT_EQ(second->warning, "");
}

TEST_F(StorageWithoutLinks, is_mended_where_somebody_changed_the_copy) {
  ASSERT_TRUE(domain_.publish(kOld));
  test::write(domain_.live() / "a.py", "changed by hand");
  test::write(domain_.live() / "sub/added.py", "by hand");
  const auto again = domain_.publish(kOld);
  ASSERT_TRUE(again) << message_of(again);
  EXPECT_FALSE(again->changed);
  EXPECT_EQ(domain_.live_files(), kOld);
}

TEST_F(StorageWithoutLinks, does_not_mind_what_python_writes_beside_the_files) {
  ASSERT_TRUE(domain_.publish(kOld));
  test::write(domain_.releases() / domain_.publish(kOld)->release / "__pycache__/a.pyc", "bytecode");
  test::write(domain_.live() / "__pycache__/a.pyc", "bytecode");
  const auto again = domain_.publish(kOld);
  ASSERT_TRUE(again) << message_of(again);
  EXPECT_EQ(std::distance(fs::directory_iterator(domain_.releases()), {}), 1);
}

TEST_F(StorageWithoutLinks, keeps_a_plain_folder_as_a_release) {
  test::write_all(domain_.live(), kOld);
  const auto published = domain_.publish(kNew);
  ASSERT_TRUE(published) << message_of(published);
  EXPECT_TRUE(published->adopted);
  EXPECT_EQ(domain_.live_files(), kNew);
  EXPECT_EQ(test::files_in(domain_.releases() / test::kAdopted), kOld);
}

TEST_F(StorageWithoutLinks, goes_back_to_a_release_and_says_that_it_is_not_verified) {
  const auto first = domain_.publish(kOld);
  ASSERT_TRUE(first) << message_of(first);
  ASSERT_TRUE(domain_.publish(kNew, 2));
  const auto back = roll_back({.storage = domain_.storage(),
                               .holder = domain_.staged(kOld).holder,
                               .sequence = 3,
                               .release = first->release,
                               .now = test::kNow});
  ASSERT_TRUE(back) << message_of(back);
  EXPECT_EQ(back->release, first->release);
  EXPECT_TRUE(back->copied);
  EXPECT_EQ(domain_.live_files(), kOld);
  EXPECT_THAT(back->warning, HasSubstr("could not be verified"));
}

TEST_F(StorageWithoutLinks, holds_a_name_for_one_workspace_only) {
  ASSERT_TRUE(domain_.publish(kOld));
  auto other = domain_.staged(kNew);
  other.holder.uid = "uid-2";
  other.holder.namespace_name = "team-b";
  const auto published = publish(other);
  EXPECT_EQ(reason_of(published), "NameTaken");
  EXPECT_THAT(message_of(published), HasSubstr("team-a/ws"));
  EXPECT_EQ(domain_.live_files(), kOld);
}

TEST_F(StorageWithoutLinks, is_swept) {
  ASSERT_TRUE(domain_.publish(kOld));
  const auto swept = sweep({.storage = domain_.storage(), .remove = {{"ws", "uid-1"}}, .patience = {}});
  ASSERT_TRUE(swept) << message_of(swept);
  EXPECT_EQ(swept->removed, std::vector<std::string>{"ws"});
  EXPECT_FALSE(fs::exists(domain_.live()));
  EXPECT_FALSE(fs::exists(domain_.releases()));
  EXPECT_FALSE(fs::exists(domain_.storage() / ".atelier/copies/ws"));
}

int no_links(const char* operation) { return std::string(operation) == "symlink" ? EPERM : 0; }

// As after a move of the files to other storage.
TEST(StorageThatHasLinksNow, replaces_the_copy_by_a_link) {
  Domain domain;
  auto request = domain.staged(kOld);
  request.gate = no_links;
  ASSERT_TRUE(publish(request));
  ASSERT_TRUE(fs::is_directory(fs::symlink_status(domain.live())));
  const auto published = domain.publish(kNew, 2);
  ASSERT_TRUE(published) << message_of(published);
  EXPECT_FALSE(published->copied);
  EXPECT_TRUE(fs::is_symlink(domain.live()));
  EXPECT_EQ(domain.live_files(), kNew);
  EXPECT_FALSE(fs::exists(domain.storage() / ".atelier/copies/ws"));
}

// As after a move of the files from other storage, where links became something else.
TEST(StorageThatHasNoLinksAnyMore, replaces_the_link_by_a_copy) {
  Domain domain;
  ASSERT_TRUE(domain.publish(kOld));
  auto request = domain.staged(kNew, 2);
  request.gate = no_links;
  const auto published = publish(request);
  ASSERT_TRUE(published) << message_of(published);
  EXPECT_TRUE(published->copied);
  EXPECT_FALSE(fs::is_symlink(domain.live()));
  EXPECT_EQ(domain.live_files(), kNew);
}

TEST(Copies, never_follow_a_link_that_is_planted_in_them) {
  Domain domain;
  auto request = domain.staged(kOld);
  request.gate = no_links;
  ASSERT_TRUE(publish(request));
  test::write_all(domain.outside(), {{"kept.txt", "kept"}});
  fs::remove_all(domain.live() / "sub");
  fs::create_directory_symlink(domain.outside(), domain.live() / "sub");
  fs::remove(domain.live() / "a.py");
  fs::create_symlink(domain.outside() / "kept.txt", domain.live() / "a.py");
  request = domain.staged(kOld, 2);
  request.gate = no_links;
  const auto published = publish(request);
  ASSERT_TRUE(published) << message_of(published);
  EXPECT_EQ(domain.live_files(), kOld);
  EXPECT_FALSE(fs::is_symlink(domain.live() / "a.py"));
  EXPECT_EQ(test::files_in(domain.outside()), (Files{{"kept.txt", "kept"}}));
}

}  // namespace
}  // namespace atelier::stage
