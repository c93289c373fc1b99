#include "stage/prune.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <set>

#include "stage/publish.h"
#include "unit/stage/sandbox.h"

namespace atelier::stage {
namespace {

using test::Domain;
using test::Files;
using test::kNow;
namespace fs = test::fs;

class Prune : public ::testing::Test {
 protected:
  Prune() { fs::create_directories(domain_.releases()); }

  void release(const std::string& name, long long age) {
    test::write(domain_.releases() / name / "sub/file", name);
    const struct timespec times[2] = {{.tv_sec = kNow - age, .tv_nsec = 0}, {.tv_sec = kNow - age, .tv_nsec = 0}};
    ASSERT_EQ(::utimensat(AT_FDCWD, (domain_.releases() / name).c_str(), times, 0), 0);
  }

  Pruned run(const std::string& live, Retention retention) {
    auto storage = Storage::open(domain_.storage());
    auto releases = storage->releases_of("ws");
    return prune(*storage, *releases, "ws", live, retention, kNow);
  }

  std::set<std::string> left() {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(domain_.releases())) names.insert(entry.path().filename());
    return names;
  }

  Domain domain_;
};

using Names = std::set<std::string>;

TEST_F(Prune, removes_what_was_live_too_long_ago_but_never_the_live_one) {
  release("live", 9000);
  release("young", 3000);
  release("old", 3601);
  EXPECT_EQ(run("live", {.releases = 5, .min_age_seconds = 600, .max_age_seconds = 3600}).releases, 1U);
  EXPECT_EQ(left(), (Names{"live", "young"}));
}

TEST_F(Prune, keeps_what_somebody_may_be_reading_whatever_the_age_allowed) {
  release("live", 1);
  release("other", 500);
  EXPECT_EQ(run("live", {.releases = 5, .min_age_seconds = 600, .max_age_seconds = 60}).releases, 0U);
}

TEST_F(Prune, keeps_the_newest_and_counts_the_live_one_among_them) {
  for (int i = 1; i <= 7; ++i) release("r" + std::to_string(i), i * 1000);
  const Pruned pruned = run("r1", {.releases = 3, .min_age_seconds = 600});
  EXPECT_EQ(pruned.releases, 4U);
  EXPECT_EQ(left(), (Names{"r1", "r2", "r3"}));
  EXPECT_TRUE(fs::is_empty(domain_.storage() / ".atelier/tmp"));
}

TEST_F(Prune, never_touches_the_live_one_however_old) {
  release("old", 9'000'000);
  release("new", 1000);
  EXPECT_EQ(run("old", {.releases = 1, .min_age_seconds = 600}).releases, 1U);
  EXPECT_EQ(left(), (Names{"old"}));
}

TEST_F(Prune, spares_what_someone_may_still_be_reading) {
  release("live", 10);
  release("young", 599);
  release("due", 600);
  release("from_the_future", -50);
  EXPECT_EQ(run("live", {.releases = 1, .min_age_seconds = 600}).releases, 1U);
  EXPECT_EQ(left(), (Names{"live", "young", "from_the_future"}));
}

TEST_F(Prune, follows_no_link_inside_a_release) {
  release("live", 0);
  release("old", 10'000);
  test::write(domain_.outside() / "kept", "x");
  fs::create_directory_symlink(domain_.outside(), domain_.releases() / "old/sub/link");
  EXPECT_EQ(run("live", {.releases = 1, .min_age_seconds = 0}).releases, 1U);
  EXPECT_TRUE(fs::exists(domain_.outside() / "kept"));
}

TEST_F(Prune, goes_on_after_a_release_that_cannot_be_removed) {
  release("live", 0);
  release("a", 10'000);
  release("b", 20'000);
  const test::Tmpfs mounted(domain_.releases() / "a/mounted", "size=64k");
  const Pruned pruned = run("live", {.releases = 1, .min_age_seconds = 600});
  EXPECT_TRUE(pruned.first_failure);
  EXPECT_EQ(pruned.releases, 1U);
  EXPECT_FALSE(fs::exists(domain_.releases() / "b"));
}

TEST_F(Prune, a_failure_to_remove_is_a_warning_because_the_release_is_live) {
  release("old", 10'000);
  const test::Tmpfs mounted(domain_.releases() / "old/mounted", "size=64k");
  auto request = domain_.staged({{"a.py", "a"}});
  request.retention = {.releases = 1, .min_age_seconds = 600};
  auto published = publish(request);
  ASSERT_TRUE(published) << message_of(published);
  EXPECT_NE(published->warning, "");
  EXPECT_EQ(domain_.live_files(), (Files{{"a.py", "a"}}));
}

TEST_F(Prune, age_counts_from_when_a_release_was_last_live) {
  auto first = domain_.staged({{"a.py", "1"}}, 1);
  ASSERT_TRUE(publish(first));
  const fs::path old = fs::canonical(domain_.live());
  auto second = domain_.staged({{"a.py", "2"}}, 2);
  second.retention = {.releases = 1, .min_age_seconds = 600};
  second.now = kNow + 1'000'000;
  ASSERT_TRUE(publish(second));
  EXPECT_TRUE(fs::exists(old)) << "it was live until this moment";
  second.now += 600;
  auto again = publish(second);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->pruned, 1U);
  EXPECT_FALSE(fs::exists(old));
}

}  // namespace
}  // namespace atelier::stage
