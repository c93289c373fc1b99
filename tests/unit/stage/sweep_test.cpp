#include "stage/sweep.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/stage/sandbox.h"

namespace atelier::stage {
namespace {

using test::Domain;
using test::Files;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using namespace std::chrono_literals;
namespace fs = test::fs;

const Files kFiles{{"a.py", "a"}, {"sub/b.py", "b"}};

SweepRequest sweep_of(const Domain& domain, std::vector<SweptName> names) {
  return {.storage = domain.storage(), .remove = std::move(names), .patience = 0ms};
}

TEST(Sweep, removes_all_that_belongs_to_the_name) {
  Domain domain;
  ASSERT_TRUE(domain.publish(kFiles));
  test::write(domain.storage() / ".atelier/tmp/ws.copy.1/x", "x");
  test::write(domain.storage() / ".atelier/copies/ws", "{}");  // of a sweep that was interrupted
  auto swept = sweep(sweep_of(domain, {{"ws", "uid-1"}}));
  ASSERT_TRUE(swept) << message_of(swept);
  EXPECT_THAT(swept->removed, ElementsAre("ws"));
  EXPECT_FALSE(fs::exists(fs::symlink_status(domain.live())));
  for (const char* folder : {"claims", "sequences", "releases", "copies", "tmp"}) {
    EXPECT_TRUE(fs::is_empty(domain.storage() / ".atelier" / folder)) << folder;
  }
  EXPECT_TRUE(fs::exists(domain.storage() / ".airflowignore"));
}

TEST(Sweep, depends_neither_on_the_note_of_dag_ids_nor_on_their_claims) {
  for (const std::string& note : {std::string((16 << 20) + 1, ' '), std::string("{"), std::string()}) {
    Domain domain;
    ASSERT_TRUE(domain.publish({{"a.py", "from airflow import DAG\nDAG('one')\n"}}));
    const fs::path own = domain.storage() / ".atelier";
    if (note.empty()) {
      for (const auto& [name, text] : test::files_in(own / "dag-ids")) test::write(own / "dag-ids" / name, "damaged");
    } else {
      test::write(own / "held-dag-ids/ws", note);
    }
    auto swept = sweep(sweep_of(domain, {{"ws", "uid-1"}}));
    ASSERT_TRUE(swept) << message_of(swept);
    EXPECT_THAT(swept->removed, ElementsAre("ws"));
    EXPECT_TRUE(fs::is_empty(own / "held-dag-ids"));
  }
}

TEST(Sweep, frees_the_name_for_another_workspace) {
  Domain domain;
  ASSERT_TRUE(domain.publish(kFiles, 50));
  ASSERT_TRUE(sweep(sweep_of(domain, {{"ws", "uid-1"}})));
  auto request = domain.staged({{"z.py", "z"}}, 1);
  request.holder.uid = "uid-2";
  EXPECT_EQ(reason_of(publish(request)), "ok");
}

TEST(Sweep, leaves_a_name_that_someone_else_holds_untouched) {
  Domain domain;
  ASSERT_TRUE(domain.publish(kFiles));
  const Files before = test::files_in(domain.storage());
  auto swept = sweep(sweep_of(domain, {{"ws", "uid-of-the-former"}}));
  ASSERT_TRUE(swept);
  EXPECT_THAT(swept->kept, ElementsAre("ws"));
  EXPECT_THAT(swept->removed, IsEmpty());
  EXPECT_EQ(test::files_in(domain.storage()), before);
  EXPECT_EQ(domain.live_files(), kFiles);
}

TEST(Sweep, of_what_is_swept_already_is_fine) {
  Domain domain;
  auto swept = sweep(sweep_of(domain, {{"ws", "uid-1"}}));
  ASSERT_TRUE(swept);
  EXPECT_THAT(swept->absent, ElementsAre("ws"));
  EXPECT_TRUE(fs::is_empty(domain.storage())) << "a sweep of a fresh volume writes nothing";
  ASSERT_TRUE(domain.publish(kFiles));
  ASSERT_TRUE(sweep(sweep_of(domain, {{"ws", "uid-1"}})));
  swept = sweep(sweep_of(domain, {{"ws", "uid-1"}, {"other", "u"}}));
  ASSERT_TRUE(swept);
  EXPECT_THAT(swept->absent, ElementsAre("ws", "other"));
}

TEST(Sweep, leaves_the_other_workspaces_alone) {
  Domain domain;
  ASSERT_TRUE(domain.publish(kFiles));
  auto request = domain.staged(kFiles);
  request.holder = {.uid = "uid-2", .namespace_name = "team-b", .name = "ws-2", .data_domain = "dd01"};
  ASSERT_TRUE(publish(request));
  ASSERT_TRUE(sweep(sweep_of(domain, {{"ws", "uid-1"}})));
  EXPECT_EQ(test::files_in(domain.storage() / "dags/ws-2"), kFiles);
}

TEST(Sweep, leaves_a_plain_folder_or_a_foreign_link_in_dags) {
  Domain domain;
  ASSERT_TRUE(domain.publish(kFiles));
  fs::remove(domain.live());
  test::write(domain.live() / "hand_made.py", "x");
  auto swept = sweep(sweep_of(domain, {{"ws", "uid-1"}}));
  EXPECT_THAT(swept->removed, ElementsAre("ws"));
  EXPECT_TRUE(fs::exists(domain.live() / "hand_made.py"));

  Domain other;
  ASSERT_TRUE(other.publish(kFiles));
  fs::remove(other.live());
  fs::create_symlink("/etc", other.live());
  ASSERT_TRUE(sweep(sweep_of(other, {{"ws", "uid-1"}})));
  EXPECT_EQ(fs::read_symlink(other.live()), "/etc");
}

TEST(Sweep, follows_no_planted_link) {
  Domain domain;
  ASSERT_TRUE(domain.publish(kFiles));
  test::write(domain.outside() / "kept", "x");
  fs::create_directory_symlink(domain.outside(), fs::canonical(domain.live()) / "sub/link");
  fs::create_directory_symlink(domain.outside(), domain.storage() / ".atelier/tmp/ws.link.1");
  ASSERT_TRUE(sweep(sweep_of(domain, {{"ws", "uid-1"}})));
  EXPECT_TRUE(fs::exists(domain.outside() / "kept"));

  ASSERT_TRUE(domain.publish(kFiles));
  fs::remove_all(domain.releases());
  fs::create_directory_symlink(domain.outside(), domain.releases());
  ASSERT_TRUE(sweep(sweep_of(domain, {{"ws", "uid-1"}})));
  EXPECT_TRUE(fs::exists(domain.outside() / "kept"));
  EXPECT_FALSE(fs::exists(fs::symlink_status(domain.releases())));
}

TEST(Sweep, does_not_follow_a_link_in_place_of_the_layout) {
  Domain domain;
  test::write(domain.outside() / "claims/ws", R"({"uid":"uid-1","namespace":"team-a","name":"ws"})");
  test::write(domain.outside() / "releases/ws/kept", "x");
  fs::create_directory_symlink(domain.outside(), domain.storage() / ".atelier");
  EXPECT_EQ(reason_of(sweep(sweep_of(domain, {{"ws", "uid-1"}}))), "PathOccupied");
  EXPECT_TRUE(fs::exists(domain.outside() / "releases/ws/kept"));
}

TEST(Sweep, goes_on_after_a_name_that_fails_and_keeps_its_claim) {
  Domain domain;
  ASSERT_TRUE(domain.publish(kFiles));
  auto request = domain.staged(kFiles);
  request.holder = {.uid = "uid-2", .namespace_name = "team-b", .name = "ws-2", .data_domain = "dd01"};
  ASSERT_TRUE(publish(request));
  const test::Tmpfs mounted(domain.releases() / "mounted", "size=64k");
  auto swept = sweep(sweep_of(domain, {{"ws", "uid-1"}, {"ws-2", "uid-2"}}));
  ASSERT_TRUE(swept);
  EXPECT_THAT(swept->failed, ElementsAre("ws"));
  EXPECT_THAT(swept->removed, ElementsAre("ws-2"));
  ASSERT_TRUE(swept->first_failure);
  EXPECT_TRUE(fs::exists(domain.storage() / ".atelier/claims/ws"));
}

TEST(Sweep, waits_for_no_running_publisher_longer_than_told) {
  Domain domain;
  ASSERT_TRUE(domain.publish(kFiles));
  auto storage = Storage::open(domain.storage());
  auto held = Claim::take(*storage, {.uid = "uid-1", .namespace_name = "team-a", .name = "ws"}, 0ms);
  ASSERT_TRUE(held);
  auto swept = sweep(sweep_of(domain, {{"ws", "uid-1"}}));
  EXPECT_THAT(swept->failed, ElementsAre("ws"));
  EXPECT_EQ(domain.live_files(), kFiles);
}

}  // namespace
}  // namespace atelier::stage
