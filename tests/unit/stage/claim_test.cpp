#include "stage/claim.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/file.h>

#include "unit/stage/sandbox.h"

namespace atelier::stage {
namespace {

using ::testing::HasSubstr;
using namespace std::chrono_literals;
namespace fs = test::fs;

const Holder kUs{.uid = "uid-1", .namespace_name = "team-a", .name = "ws", .data_domain = "dd01"};
const Holder kOther{.uid = "uid-2", .namespace_name = "team-b", .name = "ws", .data_domain = "dd01"};

class Claims : public ::testing::Test {
 protected:
  Result<Claim> take(const Holder& holder, Gate gate = nullptr) {
    auto storage = Storage::open(temp_.path(), gate);
    if (!storage) return storage.error();
    return Claim::take(*storage, holder, 0ms);
  }
  fs::path file() { return temp_ / ".atelier/claims/ws"; }

  test::TempFolder temp_;
};

TEST_F(Claims, a_free_name_is_claimed_with_the_holder_in_the_file) {
  EXPECT_EQ(reason_of(take(kUs)), "ok");
  EXPECT_EQ(test::read(file()), "{\"uid\":\"uid-1\",\"namespace\":\"team-a\",\"name\":\"ws\"}\n");
  EXPECT_TRUE(fs::is_empty(temp_ / ".atelier/tmp"));
}

TEST_F(Claims, the_holder_claims_again_freely) {
  EXPECT_TRUE(take(kUs));
  EXPECT_TRUE(take(kUs));
}

TEST_F(Claims, a_taken_name_tells_who_has_it) {
  EXPECT_TRUE(take(kUs));
  const std::string before = test::read(file());
  const auto claim = take(kOther);
  EXPECT_EQ(reason_of(claim), "NameTaken");
  EXPECT_THAT(message_of(claim), HasSubstr("team-a/ws"));
  EXPECT_THAT(message_of(claim), HasSubstr("uid-1"));
  EXPECT_THAT(message_of(claim), HasSubstr("dd01"));
  const std::string told = Outcome("publish").fail(claim.error()).json();
  EXPECT_THAT(told, HasSubstr(R"("holderNamespace":"team-a","holderName":"ws","holderUid":"uid-1")"));
  EXPECT_EQ(test::read(file()), before);
}

TEST_F(Claims, a_new_workspace_of_the_same_name_and_namespace_is_another_one) {
  EXPECT_TRUE(take(kUs));
  Holder reborn = kUs;
  reborn.uid = "uid-3";
  EXPECT_EQ(reason_of(take(reborn)), "NameTaken");
}

fs::path contested;
int someone_is_faster(const char* operation) {
  if (std::string(operation) == "link") test::write(contested, R"({"uid":"uid-2","namespace":"team-b","name":"ws"})");
  return 0;
}

TEST_F(Claims, losing_the_race_is_the_same_as_coming_later) {
  contested = file();
  const auto claim = take(kUs, someone_is_faster);
  EXPECT_EQ(reason_of(claim), "NameTaken");
  EXPECT_THAT(message_of(claim), HasSubstr("team-b/ws"));
}

int no_hard_links(const char* operation) { return std::string(operation) == "link" ? EPERM : 0; }
int no_exclusive_rename(const char* operation) { return std::string(operation) == "rename_if_absent" ? EINVAL : 0; }

TEST_F(Claims, work_without_hard_links_or_without_exclusive_rename) {
  EXPECT_EQ(reason_of(take(kUs, no_hard_links)), "ok");
  EXPECT_EQ(reason_of(take(kOther, no_hard_links)), "NameTaken");
  fs::remove(file());
  EXPECT_EQ(reason_of(take(kUs, no_exclusive_rename)), "ok");
}

TEST_F(Claims, a_damaged_claim_is_nobodys_to_take) {
  EXPECT_TRUE(take(kUs));
  for (const char* text : {"", "{", "{\"uid\":\"\"}", "{\"uid\":7}"}) {
    test::write(file(), text);
    const auto claim = take(kUs);
    EXPECT_EQ(reason_of(claim), "StorageFailed") << text;
    EXPECT_THAT(message_of(claim), HasSubstr("Remove that file"));
    EXPECT_EQ(test::read(file()), text);
  }
}

TEST_F(Claims, what_is_planted_in_place_of_a_claim_is_not_followed) {
  ASSERT_TRUE(Storage::open(temp_.path()));
  test::write(temp_ / "forged", R"({"uid":"uid-1","namespace":"team-a","name":"ws"})");
  fs::create_symlink(temp_ / "forged", file());
  EXPECT_EQ(reason_of(take(kUs)), "PathOccupied");
  fs::remove(file());
  fs::create_directory(file());
  EXPECT_EQ(reason_of(take(kUs)), "PathOccupied");
}

TEST_F(Claims, only_one_publisher_of_a_name_runs_at_a_time) {
  {
    auto first = take(kUs);
    ASSERT_TRUE(first);
    const auto second = take(kUs);
    EXPECT_EQ(reason_of(second), "StorageFailed");
    EXPECT_THAT(message_of(second), HasSubstr("holds the lock"));
  }
  EXPECT_TRUE(take(kUs));
}

fs::path swept_claim;
int swept_just_now(const char* operation) {
  // The claim is opened, its holder read, and then, before the lock is looked at, the name is gone.
  static int opens = 0;
  if (std::string(operation) == "openat2" && fs::exists(swept_claim) && ++opens == 2) fs::remove(swept_claim);
  return 0;
}

TEST_F(Claims, a_claim_that_was_swept_meanwhile_is_made_anew) {
  EXPECT_TRUE(take(kUs));
  swept_claim = file();
  auto gated = Storage::open(temp_.path(), swept_just_now);
  ASSERT_TRUE(gated);
  auto claim = Claim::take(*gated, kUs, 0ms);
  EXPECT_EQ(reason_of(claim), "ok");
  EXPECT_TRUE(fs::exists(file())) << "the lock must be on a file that has the name";
}

}  // namespace
}  // namespace atelier::stage
