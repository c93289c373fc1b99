// Somebody else can write to the volume: whatever they plant there, nothing outside is read, written or removed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "stage/publish.h"
#include "unit/stage/sandbox.h"

namespace atelier::stage {
namespace {

using test::Domain;
using test::Files;
using ::testing::HasSubstr;
namespace fs = test::fs;

const Files kFiles{{"a.py", "a"}};
const Files kNext{{"a.py", "next"}};
const Files kOutside{{"kept.txt", "kept"}};

class PlantedLink : public ::testing::TestWithParam<std::tuple<const char*, bool>> {};

int no_openat2(const char* operation) { return std::string(operation) == "openat2" ? ENOSYS : 0; }

INSTANTIATE_TEST_SUITE_P(Everywhere, PlantedLink,
                         ::testing::Combine(::testing::Values(".atelier", "dags", ".atelier/claims", ".atelier/tmp",
                                                              ".atelier/releases", ".atelier/sequences",
                                                              ".atelier/releases/ws", ".airflowignore"),
                                            ::testing::Bool()));

TEST_P(PlantedLink, leads_nowhere_and_is_named) {
  const auto [place, with_openat2] = GetParam();
  Domain domain;
  test::write_all(domain.outside(), kOutside);
  auto request = domain.staged(kFiles);
  request.gate = with_openat2 ? nullptr : no_openat2;
  fs::create_directories((domain.storage() / place).parent_path());
  fs::create_directory_symlink(domain.outside(), domain.storage() / place);
  const auto published = publish(request);
  EXPECT_EQ(reason_of(published), "PathOccupied");
  EXPECT_THAT(message_of(published), HasSubstr(place));
  EXPECT_THAT(message_of(published), HasSubstr("is a symbolic link"));
  EXPECT_EQ(test::files_in(domain.outside()), kOutside);
}

TEST_P(PlantedLink, after_the_first_release_leads_nowhere_either) {
  const auto [place, with_openat2] = GetParam();
  Domain domain;
  ASSERT_TRUE(domain.publish(kFiles));
  test::write_all(domain.outside(), kOutside);
  fs::rename(domain.storage() / place, domain.storage() / "moved");
  fs::create_directory_symlink(domain.outside(), domain.storage() / place);
  auto request = domain.staged(kNext, 2);
  request.gate = with_openat2 ? nullptr : no_openat2;
  EXPECT_EQ(reason_of(publish(request)), "PathOccupied");
  EXPECT_EQ(test::files_in(domain.outside()), kOutside);
}

TEST(HostileStorage, a_file_in_place_of_a_folder_is_named) {
  Domain domain;
  test::write(domain.storage() / ".atelier", "a file");
  const auto published = domain.publish(kFiles);
  EXPECT_EQ(reason_of(published), "PathOccupied");
  EXPECT_THAT(message_of(published), HasSubstr(".atelier is a file"));
}

TEST(HostileStorage, a_fifo_in_place_of_a_file_does_not_stop_the_publisher) {
  for (const char* place : {".atelier/claims/ws", ".atelier/sequences/ws", ".airflowignore"}) {
    Domain domain;
    fs::create_directories((domain.storage() / place).parent_path());
    ASSERT_EQ(::mkfifo((domain.storage() / place).c_str(), 0666), 0);
    const auto published = domain.publish(kFiles);
    EXPECT_EQ(reason_of(published), std::string(place) == ".atelier/sequences/ws" ? "ok" : "PathOccupied") << place;
  }
}

TEST(HostileStorage, a_link_planted_as_the_release_is_replaced_by_the_release) {
  Domain domain;
  const auto request = domain.staged(kFiles);
  const std::string id = parse_manifest(test::read(request.manifest))->release;
  test::write_all(domain.outside(), kFiles);
  fs::create_directories(domain.releases());
  fs::create_directory_symlink(domain.outside(), domain.releases() / id);
  ASSERT_EQ(reason_of(publish(request)), "ok");
  EXPECT_FALSE(fs::is_symlink(domain.releases() / id));
  EXPECT_EQ(domain.live_files(), kFiles);
  EXPECT_EQ(test::files_in(domain.outside()), kFiles);
}

TEST(HostileStorage, a_link_planted_as_the_sequence_is_replaced_and_its_target_untouched) {
  Domain domain;
  test::write(domain.outside() / "victim", "kept");
  fs::create_directories(domain.storage() / ".atelier/sequences");
  fs::create_symlink(domain.outside() / "victim", domain.storage() / ".atelier/sequences/ws");
  EXPECT_EQ(reason_of(domain.publish(kFiles)), "ok");
  EXPECT_EQ(test::read(domain.outside() / "victim"), "kept");
}

TEST(HostileStorage, leftovers_planted_as_links_are_removed_without_their_targets) {
  Domain domain;
  ASSERT_TRUE(domain.publish(kFiles));
  test::write_all(domain.outside(), kOutside);
  fs::create_directory_symlink(domain.outside(), domain.storage() / ".atelier/tmp/ws.copy.1");
  fs::create_directory(domain.storage() / ".atelier/tmp/ws.copy.2");
  fs::create_directory_symlink(domain.outside(), domain.storage() / ".atelier/tmp/ws.copy.2/inner");
  ASSERT_TRUE(domain.publish(kFiles));
  EXPECT_TRUE(fs::is_empty(domain.storage() / ".atelier/tmp"));
  EXPECT_EQ(test::files_in(domain.outside()), kOutside);
}

TEST(HostileStorage, another_volume_inside_is_not_written_to) {
  Domain domain;
  const test::Tmpfs other(domain.storage() / "dags", "size=64k");
  const auto published = domain.publish(kFiles);
  EXPECT_EQ(reason_of(published), "PathOccupied");
  EXPECT_THAT(message_of(published), HasSubstr("another volume"));
}

class Occupied : public ::testing::TestWithParam<const char*> {};

INSTANTIATE_TEST_SUITE_P(ByLinksTo, Occupied,
                         ::testing::Values("/etc", "../elsewhere", "../.atelier/releases/other/abc",
                                           "../.atelier/releases/ws/..", "../.atelier/releases/ws/",
                                           "../.atelier/releases/ws/a/b", "../.atelier/releases/ws-2/a"));

TEST_P(Occupied, a_foreign_link_under_the_name_stays_and_is_told) {
  Domain domain;
  fs::create_directories(domain.storage() / "dags");
  fs::create_symlink(GetParam(), domain.live());
  const auto published = domain.publish(kFiles);
  EXPECT_EQ(reason_of(published), "PathOccupied");
  EXPECT_THAT(message_of(published), HasSubstr(GetParam()));
  EXPECT_EQ(fs::read_symlink(domain.live()), GetParam());
}

TEST(HostileStorage, a_plain_file_under_the_name_stays_and_is_told) {
  Domain domain;
  test::write(domain.live(), "precious");
  const auto published = domain.publish(kFiles);
  EXPECT_EQ(reason_of(published), "PathOccupied");
  EXPECT_THAT(message_of(published), HasSubstr("dags/ws is a file"));
  EXPECT_EQ(test::read(domain.live()), "precious");
}

}  // namespace
}  // namespace atelier::stage
