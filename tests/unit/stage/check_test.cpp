#include "stage/check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "unit/stage/sandbox.h"

namespace atelier::stage {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
namespace fs = test::fs;

class Check : public ::testing::Test {
 protected:
  Result<Manifest> run(Limits limits = {}) {
    auto checked = inspect(limits);
    if (!checked) return checked.error();
    return checked->manifest;
  }
  Result<Checked> inspect(Limits limits = {}) {
    return check({.tree = temp_ / "tree", .manifest = temp_ / "manifest.json", .limits = limits});
  }
  void expect_refused(const std::string& why, Limits limits = {}) {
    const auto checked = run(limits);
    EXPECT_EQ(reason_of(checked), "DagsRefused");
    EXPECT_THAT(message_of(checked), HasSubstr(why));
    EXPECT_FALSE(fs::exists(temp_ / "manifest.json"));
  }

  test::TempFolder temp_;
};

TEST_F(Check, writes_the_manifest_of_a_good_tree) {
  test::write_all(temp_ / "tree", {{"a.py", "a"}, {"sub/b.py", "bb"}, {".airflowignore", ""}});
  auto checked = run();
  ASSERT_TRUE(checked) << message_of(checked);
  EXPECT_EQ(checked->files.size(), 3U);
  EXPECT_EQ(checked->bytes, 3U);
  auto read = parse_manifest(test::read(temp_ / "manifest.json"));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->files, checked->files);
}

TEST_F(Check, replaces_the_manifest_of_an_earlier_run) {
  test::write_all(temp_ / "tree", {{"a.py", "a"}});
  test::write(temp_ / "manifest.json", "old");
  test::write(temp_ / ".manifest.json.new", "left by a crash");
  EXPECT_TRUE(run());
  EXPECT_TRUE(parse_manifest(test::read(temp_ / "manifest.json")));
}

TEST_F(Check, refuses_a_tree_without_any_file) {
  fs::create_directories(temp_ / "tree/empty/folders");
  const auto checked = run();
  EXPECT_EQ(reason_of(checked), "DagsFolderEmpty");
  EXPECT_THAT(message_of(checked), HasSubstr("spec.dags.include"));
}

TEST_F(Check, says_that_nothing_was_staged) { EXPECT_EQ(reason_of(run()), "DagsFolderMissing"); }

TEST_F(Check, refuses_symbolic_links_wherever_they_point) {
  test::write_all(temp_ / "tree", {{"a.py", "a"}});
  fs::create_symlink("a.py", temp_ / "tree/inside.py");
  expect_refused("inside.py is a symbolic link");
  fs::remove(temp_ / "tree/inside.py");
  fs::create_directory_symlink("/etc", temp_ / "tree/etc");
  expect_refused("etc is a symbolic link");
}

TEST_F(Check, refuses_a_file_with_a_second_name) {
  test::write_all(temp_ / "tree", {{"a.py", "a"}});
  fs::create_hard_link(temp_ / "tree/a.py", temp_ / "elsewhere");
  expect_refused("a.py has more than one hard link");
}

TEST_F(Check, refuses_special_files) {
  test::write_all(temp_ / "tree", {{"a.py", "a"}});
  ASSERT_EQ(::mkfifo((temp_ / "tree/fifo").c_str(), 0666), 0);
  expect_refused("fifo is a FIFO");
  fs::remove(temp_ / "tree/fifo");
  ASSERT_EQ(::mknod((temp_ / "tree/disk").c_str(), S_IFBLK | 0600, 0x700), 0);
  expect_refused("disk is a device");
  fs::remove(temp_ / "tree/disk");
  ASSERT_EQ(::mknod((temp_ / "tree/socket").c_str(), S_IFSOCK | 0600, 0), 0);
  expect_refused("socket is a socket");
}

TEST_F(Check, refuses_set_uid_and_set_gid_files) {
  test::write_all(temp_ / "tree", {{"a.py", "a"}});
  ASSERT_EQ(::chmod((temp_ / "tree/a.py").c_str(), 04755), 0);
  expect_refused("a.py has the set-uid bit");
  ASSERT_EQ(::chmod((temp_ / "tree/a.py").c_str(), 02755), 0);
  expect_refused("a.py has the set-gid bit");
}

TEST_F(Check, accepts_the_set_gid_bit_that_an_fsgroup_gives_to_folders) {
  test::write_all(temp_ / "tree", {{"sub/a.py", "a"}});
  ASSERT_EQ(::chmod((temp_ / "tree/sub").c_str(), 02777), 0);
  EXPECT_EQ(reason_of(run()), "ok");
}

TEST_F(Check, refuses_unclean_names_and_shows_them_safely) {
  const std::pair<std::string, const char*> names[] = {
      {"line\nbreak", "line\\x0abreak its name has control characters"},
      {"\x1B[2J", "\\x1b[2J its name has control characters"},
      {"next\xC2\x85line", "next\\xc2\\x85line its name has control characters"},
      {"latin1\xE4", "latin1\\xe4 its name is not valid UTF-8"},
  };
  for (const auto& [name, why] : names) {
    test::write_all(temp_ / "tree", {{"a.py", "a"}, {name, ""}});
    expect_refused(why);
    fs::remove(temp_ / "tree" / name);
  }
  EXPECT_EQ(unclean_name(std::string(255, 'x')), nullptr);
  EXPECT_NE(unclean_name(std::string(256, 'x')), nullptr);
}

TEST_F(Check, refuses_an_unclean_name_of_a_folder_once) {
  test::write_all(temp_ / "tree", {{"a.py", ""}, {"bad\n/b.py", ""}, {"bad\n/c.py", ""}});
  const auto checked = run();
  EXPECT_THAT(message_of(checked), HasSubstr("bad\\x0a its name"));
  EXPECT_THAT(message_of(checked), Not(HasSubstr("c.py")));
}

TEST_F(Check, names_five_offenders_and_counts_the_others) {
  for (char c = 'a'; c <= 'h'; ++c) {
    fs::create_directories(temp_ / "tree");
    fs::create_symlink("x", temp_ / "tree" / std::string(1, c));
  }
  const auto checked = run();
  EXPECT_THAT(message_of(checked), HasSubstr("e is a symbolic link; and 3 more"));
  EXPECT_THAT(message_of(checked), Not(HasSubstr("f is a")));
}

TEST_F(Check, keeps_to_its_limits) {
  test::write_all(temp_ / "tree", {{"a", "12345"}, {"b", "67890"}, {"x/y/z", "1"}});
  EXPECT_EQ(reason_of(run({.files = 3, .bytes = 11, .depth = 3})), "ok");
  fs::remove(temp_ / "manifest.json");
  expect_refused("x/y/z is one file more than the 2 allowed", {.files = 2});
  expect_refused("more than the 10 bytes allowed", {.bytes = 10});
  expect_refused("x/y/z is nested deeper than 2 names", {.depth = 2});
  expect_refused("x/y/z has a path longer than 4 bytes", {.path_bytes = 4});
}

TEST_F(Check, limits_the_folders_as_it_limits_the_files) {
  test::write_all(temp_ / "tree", {{"x/y/z", "1"}});
  expect_refused("x/y is one folder more than the 1 allowed", {.files = 1});
}

TEST_F(Check, allows_ten_thousand_files_and_half_a_gigabyte_and_32_levels) {
  const Limits limits;
  EXPECT_EQ(limits.files, 10'000U);
  EXPECT_EQ(limits.bytes, 536'870'912U);
  EXPECT_EQ(limits.depth, 32U);
}

TEST_F(Check, says_who_may_not_read_what) {
  test::write_all(temp_ / "tree", {{"sub/a.py", "a"}});
  fs::permissions(temp_ / "tree/sub", fs::perms(0700));
  fs::permissions(temp_.path(), fs::perms(0777));
  EXPECT_THAT(test::as_user(1000, [&] { return reason_of(run()) + message_of(run()); }),
              ::testing::AllOf(HasSubstr("DagsNotReadable"), HasSubstr("tree/sub"), HasSubstr("1000:1000")));
}

}  // namespace
}  // namespace atelier::stage
