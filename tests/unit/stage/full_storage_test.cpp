// Storage that is full, read-only or somebody else's.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "stage/publish.h"
#include "stage/sweep.h"
#include "unit/stage/sandbox.h"

namespace atelier::stage {
namespace {

using test::Domain;
using test::Files;
using ::testing::AllOf;
using ::testing::HasSubstr;
namespace fs = test::fs;

const Files kFiles{{"a.py", "a"}};

TEST(FullStorage, says_so_and_leaves_the_last_good_release_live) {
  Domain domain;
  const test::Tmpfs volume(domain.storage(), "size=256k");
  ASSERT_TRUE(domain.publish(kFiles));
  const auto big = domain.staged({{"a.py", "new"}, {"big.bin", std::string(400'000, 'x')}}, 2);
  const auto published = publish(big);
  EXPECT_EQ(reason_of(published), "StorageFull");
  EXPECT_THAT(message_of(published), HasSubstr("big.bin"));
  EXPECT_EQ(domain.live_files(), kFiles);
  EXPECT_TRUE(fs::is_empty(domain.storage() / ".atelier/tmp")) << "what was half written gives its space back";
  EXPECT_EQ(reason_of(domain.publish({{"a.py", "smaller"}}, 3)), "ok");
}

TEST(FullStorage, without_inodes_is_full_too) {
  Domain domain;
  const test::Tmpfs volume(domain.storage(), "size=1m,nr_inodes=16");
  Files many;
  for (int i = 0; i < 20; ++i) many["f" + std::to_string(i)] = "";
  EXPECT_EQ(reason_of(domain.publish(many)), "StorageFull");
}

TEST(FullStorage, can_still_be_swept) {
  Domain domain;
  const test::Tmpfs volume(domain.storage(), "size=128k");
  ASSERT_TRUE(domain.publish(kFiles));
  while (::access((domain.storage() / "rest").c_str(), F_OK) != 0) {
    try {
      test::write(domain.storage() / "rest", std::string(200'000, 'x'));
    } catch (const std::exception&) {
      break;
    }
  }
  auto swept = sweep({.storage = domain.storage(), .remove = {{"ws", "uid-1"}}});
  ASSERT_TRUE(swept) << message_of(swept);
  EXPECT_EQ(swept->removed.size(), 1U);
}

TEST(ReadOnlyStorage, names_the_mount_as_the_cause) {
  Domain domain;
  const test::Tmpfs volume(domain.storage(), "size=256k");
  ASSERT_TRUE(domain.publish(kFiles));
  volume.make_read_only();
  const auto published = domain.publish({{"a.py", "new"}}, 2);
  EXPECT_EQ(reason_of(published), "StorageNotWritable");
  EXPECT_THAT(message_of(published), HasSubstr("mounted read-only"));
  EXPECT_EQ(domain.live_files(), kFiles);
}

TEST(ForeignStorage, names_the_ids_the_owner_and_the_remedy) {
  Domain domain;
  const auto request = domain.staged(kFiles);
  const std::string message = test::as_user(1000, [&] {
    auto published = publish(request);
    return reason_of(published) + ": " + message_of(published);
  });
  EXPECT_THAT(message,
              AllOf(HasSubstr("StorageNotWritable"), HasSubstr("running as 1000:1000"),
                    HasSubstr(domain.storage().string() + " belongs to 0:0 with mode 0755"),
                    HasSubstr("chown -R 1000:1000 " + domain.storage().string() + "`"), HasSubstr("storage owner")));
  EXPECT_TRUE(fs::is_empty(domain.storage()));
}

TEST(ForeignStorage, is_seen_before_anything_is_written_in_the_part_that_is_ours) {
  Domain domain;
  ASSERT_EQ(::chown(domain.storage().c_str(), 1000, 1000), 0);
  fs::create_directory(domain.storage() / "dags");
  const auto request = domain.staged(kFiles);
  const std::string message = test::as_user(1000, [&] {
    auto published = publish(request);
    return reason_of(published) + ": " + message_of(published);
  });
  EXPECT_THAT(message, AllOf(HasSubstr("StorageNotWritable"), HasSubstr("/dags belongs to 0:0")));
  EXPECT_TRUE(fs::is_empty(domain.storage() / ".atelier/claims"));
}

TEST(ForeignStorage, that_belongs_to_the_forced_user_is_written_as_that_user) {
  Domain domain;
  ASSERT_EQ(::chown(domain.storage().c_str(), 1000, 1000), 0);
  const auto request = domain.staged(kFiles);
  EXPECT_EQ(test::as_user(1000, [&] { return message_of(publish(request)); }), "");
  EXPECT_EQ(domain.live_files(), kFiles);
}

TEST(MissingStorage, is_told) {
  Domain domain;
  fs::remove(domain.storage());
  EXPECT_EQ(reason_of(domain.publish(kFiles)), "StorageFailed");
}

}  // namespace
}  // namespace atelier::stage
