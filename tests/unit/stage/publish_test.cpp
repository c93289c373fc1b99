#include "stage/publish.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "unit/stage/sandbox.h"

namespace atelier::stage {
namespace {

using test::Domain;
using test::Files;
using ::testing::HasSubstr;
namespace fs = test::fs;

const Files kOld{{"a.py", "old"}, {"sub/b.py", "b"}};
const Files kNew{{"a.py", "new"}, {"sub/c.py", "c"}};

std::string id_of(const PublishRequest& request) { return parse_manifest(test::read(request.manifest))->release; }

TEST(Publish, makes_the_files_readable_under_the_workspace_name) {
  Domain domain;
  const auto request = domain.staged(kOld);
  auto published = publish(request);
  ASSERT_TRUE(published) << message_of(published);
  EXPECT_EQ(domain.live_files(), kOld);
  EXPECT_EQ(published->release, id_of(request));
  EXPECT_EQ(published->files, 2U);
  EXPECT_EQ(published->bytes, 4U);
  EXPECT_TRUE(published->changed);
  EXPECT_FALSE(published->adopted);
  EXPECT_EQ(published->warning, "");
}

TEST(Publish, the_name_is_a_relative_link_so_that_it_works_wherever_the_volume_is_mounted) {
  Domain domain;
  const auto request = domain.staged(kOld);
  ASSERT_TRUE(publish(request));
  EXPECT_EQ(fs::read_symlink(domain.live()), "../.atelier/releases/ws/" + id_of(request));
  fs::rename(domain.storage(), domain.outside());
  EXPECT_EQ(test::files_in(domain.outside() / "dags/ws"), kOld);
  fs::rename(domain.outside(), domain.storage());
}

TEST(Publish, everybody_may_read_and_executables_stay_executable) {
  Domain domain;
  auto request = domain.staged(kOld);
  ASSERT_EQ(::chmod((request.tree + "/a.py").c_str(), 0700), 0);
  ASSERT_EQ(::chmod((request.tree + "/sub/b.py").c_str(), 0600), 0);
  ASSERT_EQ(::chmod((request.tree + "/sub").c_str(), 0700), 0);
  ASSERT_TRUE(check({.tree = request.tree, .manifest = request.manifest}));
  ASSERT_TRUE(publish(request));
  EXPECT_EQ(fs::status(domain.live() / "a.py").permissions(), fs::perms(0755));
  EXPECT_EQ(fs::status(domain.live() / "sub/b.py").permissions(), fs::perms(0644));
  EXPECT_EQ(fs::status(domain.live() / "sub").permissions(), fs::perms(0755));
  EXPECT_EQ(fs::status(domain.live()).permissions(), fs::perms(0755));
}

TEST(Publish, the_same_release_again_changes_nothing) {
  Domain domain;
  ASSERT_TRUE(domain.publish(kOld));
  const auto link = fs::read_symlink(domain.live());
  const auto written = fs::last_write_time(domain.releases());
  auto again = domain.publish(kOld, 2);
  ASSERT_TRUE(again);
  EXPECT_FALSE(again->changed);
  EXPECT_EQ(fs::read_symlink(domain.live()), link);
  EXPECT_EQ(fs::last_write_time(domain.releases()), written);
}

TEST(Publish, a_new_release_replaces_the_old_one_and_keeps_it) {
  Domain domain;
  ASSERT_TRUE(domain.publish(kOld));
  const auto former = fs::canonical(domain.live());
  auto published = domain.publish(kNew, 2);
  ASSERT_TRUE(published);
  EXPECT_TRUE(published->changed);
  EXPECT_EQ(domain.live_files(), kNew);
  EXPECT_EQ(test::files_in(former), kOld);
}

TEST(Publish, going_back_to_a_former_release_uses_what_is_there) {
  Domain domain;
  ASSERT_TRUE(domain.publish(kOld));
  const auto former = fs::canonical(domain.live());
  ASSERT_TRUE(domain.publish(kNew, 2));
  ASSERT_TRUE(domain.publish(kOld, 3));
  EXPECT_EQ(fs::canonical(domain.live()), former);
  EXPECT_EQ(domain.live_files(), kOld);
}

TEST(Publish, a_late_older_publisher_changes_nothing) {
  Domain domain;
  const auto late = domain.staged(kOld, 7);
  ASSERT_TRUE(domain.publish(kNew, 8));
  const auto published = publish(late);
  EXPECT_EQ(reason_of(published), "Superseded");
  EXPECT_THAT(message_of(published), HasSubstr("publish 8 has begun"));
  EXPECT_THAT(published.error().fields, ::testing::Contains(::testing::Pair("newest", "8"))) << "for the operator";
  EXPECT_EQ(domain.live_files(), kNew);
  EXPECT_EQ(std::distance(fs::directory_iterator(domain.releases()), {}), 1);
}

TEST(Publish, the_same_sequence_may_be_repeated) {
  Domain domain;
  ASSERT_TRUE(domain.publish(kOld, 7));
  EXPECT_TRUE(domain.publish(kNew, 7));
}

TEST(Publish, the_sequence_of_a_former_holder_does_not_count) {
  Domain domain;
  ASSERT_TRUE(domain.publish(kOld, 1));
  test::write(domain.storage() / ".atelier/sequences/ws", R"({"uid":"someone-before","sequence":99})");
  EXPECT_EQ(reason_of(domain.publish(kNew, 2)), "ok");
  test::write(domain.storage() / ".atelier/sequences/ws", "damaged");
  EXPECT_EQ(reason_of(domain.publish(kOld, 3)), "ok");
}

fs::path sequence_file;
int a_newer_publisher_begins(const char*) {
  if (test::read(sequence_file) == "{\"uid\":\"uid-1\",\"sequence\":2}\n") {
    test::write(sequence_file, R"({"uid":"uid-1","sequence":3})");
  }
  return 0;
}

TEST(Publish, looks_for_a_newer_publisher_again_just_before_the_switch) {
  Domain domain;
  ASSERT_TRUE(domain.publish(kOld, 1));
  auto request = domain.staged(kNew, 2);
  sequence_file = domain.storage() / ".atelier/sequences/ws";
  request.gate = a_newer_publisher_begins;
  EXPECT_EQ(reason_of(publish(request)), "Superseded");
  EXPECT_EQ(domain.live_files(), kOld);
}

TEST(Publish, a_name_that_another_workspace_holds_stays_as_it_is) {
  Domain domain;
  ASSERT_TRUE(domain.publish(kOld));
  auto request = domain.staged(kNew, 9);
  request.holder.uid = "uid-2";
  request.holder.namespace_name = "team-b";
  EXPECT_EQ(reason_of(publish(request)), "NameTaken");
  EXPECT_EQ(domain.live_files(), kOld);
  EXPECT_EQ(reason_of(domain.publish(kOld, 2)), "ok");
}

TEST(Publish, workspaces_do_not_touch_each_other) {
  Domain domain;
  ASSERT_TRUE(domain.publish(kOld));
  test::write(domain.storage() / ".atelier/tmp/ws.copy.1/half", "x");
  auto request = domain.staged(kNew);
  request.holder = {.uid = "uid-2", .namespace_name = "team-b", .name = "ws-2", .data_domain = "dd01"};
  ASSERT_TRUE(publish(request));
  EXPECT_TRUE(fs::exists(domain.storage() / ".atelier/tmp/ws.copy.1/half"));
  EXPECT_EQ(domain.live_files(), kOld);
  EXPECT_EQ(test::files_in(domain.storage() / "dags/ws-2"), kNew);
}

TEST(Publish, keeps_the_ignore_file_that_saves_airflow_from_a_loop) {
  Domain domain;
  const fs::path file = domain.storage() / ".airflowignore";
  ASSERT_TRUE(domain.publish(kOld));
  EXPECT_EQ(test::read(file), ".atelier\n");
  test::write(file, "drafts\n# ours\nlast line without end");
  fs::permissions(file, fs::perms(0664));
  ASSERT_TRUE(domain.publish(kOld));
  EXPECT_EQ(test::read(file), "drafts\n# ours\nlast line without end\n.atelier\n");
  EXPECT_EQ(fs::status(file).permissions(), fs::perms(0664));
  for (const char* present : {"x\r\n.atelier\r\ny", "\\.atelier\n", ".atelier"}) {
    test::write(file, present);
    ASSERT_TRUE(domain.publish(kOld));
    EXPECT_EQ(test::read(file), present);
  }
  test::write(file, ".atelier-other\n");
  ASSERT_TRUE(domain.publish(kOld));
  EXPECT_EQ(test::read(file), ".atelier-other\n.atelier\n");
}

TEST(Publish, a_staging_area_that_changed_after_the_check_is_not_published) {
  const std::pair<const char*, std::function<void(const fs::path&)>> changes[] = {
      {"content", [](const fs::path& tree) { test::write(tree / "a.py", "OLD"); }},
      {"longer", [](const fs::path& tree) { test::write(tree / "a.py", "older"); }},
      {"added", [](const fs::path& tree) { test::write(tree / "x.py", "x"); }},
      {"removed", [](const fs::path& tree) { fs::remove(tree / "a.py"); }},
      {"mode", [](const fs::path& tree) { fs::permissions(tree / "a.py", fs::perms(0755)); }},
      {"link",
       [](const fs::path& tree) {
         fs::rename(tree / "a.py", tree.parent_path() / "moved");
         fs::create_symlink("../moved", tree / "a.py");
       }},
      {"gone", [](const fs::path& tree) { fs::remove_all(tree); }},
      {"manifest", [](const fs::path& tree) { test::write(tree.parent_path() / "manifest.json", "{}"); }},
      {"no manifest", [](const fs::path& tree) { fs::remove(tree.parent_path() / "manifest.json"); }},
  };
  for (const auto& [name, change] : changes) {
    Domain domain;
    ASSERT_TRUE(domain.publish(kNew, 1));
    const auto request = domain.staged(kOld, 2);
    change(request.tree);
    EXPECT_EQ(reason_of(publish(request)), "StagingChanged") << name;
    EXPECT_EQ(domain.live_files(), kNew) << name;
    EXPECT_TRUE(fs::is_empty(domain.storage() / ".atelier/tmp")) << name;
  }
}

TEST(Publish, a_damaged_release_that_is_not_live_is_replaced) {
  Domain domain;
  ASSERT_TRUE(domain.publish(kOld));
  const auto old = fs::canonical(domain.live());
  ASSERT_TRUE(domain.publish(kNew, 2));
  test::write(old / "a.py", "dam");
  ASSERT_TRUE(domain.publish(kOld, 3));
  EXPECT_EQ(fs::canonical(domain.live()), old);
  EXPECT_EQ(domain.live_files(), kOld);
}

TEST(Publish, a_damaged_live_release_is_replaced_beside_it_and_never_changed) {
  const std::pair<const char*, std::function<void(const fs::path&)>> damages[] = {
      {"content", [](const fs::path& live) { test::write(live / "a.py", "bad"); }},
      {"truncated", [](const fs::path& live) { test::write(live / "a.py", ""); }},
      {"added", [](const fs::path& live) { test::write(live / "x.py", ""); }},
      {"removed", [](const fs::path& live) { fs::remove(live / "a.py"); }},
      {"link", [](const fs::path& live) { fs::create_symlink("a.py", live / "link.py"); }},
      {"hard link", [](const fs::path& live) { fs::create_hard_link(live / "a.py", live.parent_path() / "second"); }},
      {"all", [](const fs::path& live) { fs::remove_all(live); }},
  };
  for (const auto& [name, damage] : damages) {
    Domain domain;
    const auto request = domain.staged(kOld);
    ASSERT_TRUE(publish(request));
    const auto live = fs::canonical(domain.live());
    damage(live);
    const Files damaged = test::files_in(live);
    auto published = publish(request);
    ASSERT_TRUE(published) << name << message_of(published);
    EXPECT_TRUE(published->changed) << name;
    EXPECT_EQ(published->release, id_of(request));
    EXPECT_EQ(domain.live_files(), kOld) << name;
    EXPECT_EQ(fs::canonical(domain.live()).filename(), id_of(request) + ".1") << name;
    EXPECT_EQ(test::files_in(live), damaged) << name;
    auto again = publish(request);
    ASSERT_TRUE(again);
    EXPECT_FALSE(again->changed) << name;
    test::write(domain.live() / "a.py", "bad again");
    ASSERT_TRUE(publish(request));
    EXPECT_EQ(domain.live_files(), kOld) << name;
  }
}

TEST(Publish, mends_permissions_that_would_keep_airflow_out) {
  Domain domain;
  ASSERT_TRUE(domain.publish(kOld));
  fs::permissions(domain.live() / "a.py", fs::perms(0600));
  fs::permissions(domain.live() / "sub", fs::perms(0700));
  auto again = domain.publish(kOld);
  ASSERT_TRUE(again);
  EXPECT_FALSE(again->changed);
  EXPECT_EQ(fs::status(domain.live() / "a.py").permissions(), fs::perms(0644));
  EXPECT_EQ(fs::status(domain.live() / "sub").permissions(), fs::perms(0755));
}

TEST(Publish, removes_what_interrupted_publishers_left) {
  Domain domain;
  ASSERT_TRUE(domain.publish(kOld));
  test::write(domain.storage() / ".atelier/tmp/ws.copy.0123/sub/half", "x");
  fs::create_symlink("nowhere", domain.storage() / ".atelier/tmp/ws.link.0123");
  ASSERT_TRUE(domain.publish(kOld));
  EXPECT_TRUE(fs::is_empty(domain.storage() / ".atelier/tmp"));
}

int no_openat2(const char* operation) { return std::string(operation) == "openat2" ? ENOSYS : 0; }

TEST(Publish, works_on_kernels_without_openat2) {
  Domain domain;
  auto request = domain.staged(kOld);
  request.gate = no_openat2;
  EXPECT_EQ(reason_of(publish(request)), "ok");
  EXPECT_EQ(domain.live_files(), kOld);
}

TEST(Publish, content_larger_than_any_buffer_arrives_whole) {
  Domain domain;
  std::string big;
  while (big.size() < 1'000'000) big += std::to_string(big.size()) + "\n";
  ASSERT_TRUE(domain.publish({{"big.csv", big}, {"empty", ""}}));
  EXPECT_EQ(domain.live_files(), (Files{{"big.csv", big}, {"empty", ""}}));
}

}  // namespace
}  // namespace atelier::stage
