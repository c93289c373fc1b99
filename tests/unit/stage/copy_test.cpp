#include "stage/copy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "unit/stage/sandbox.h"

namespace atelier::stage {
namespace {

using test::Files;
using ::testing::HasSubstr;
using ::testing::Not;
namespace fs = test::fs;

class Copy : public ::testing::Test {
 protected:
  Result<Copied> run(std::initializer_list<const char*> include = {}) {
    CopyRequest request{.from = temp_ / "image", .to = temp_ / "staging/dd01/dags/ws"};
    for (const char* pattern : include) request.include.push_back(*Glob::parse(pattern));
    return copy(request);
  }
  Files staged() { return test::files_in(temp_ / "staging/dd01/dags/ws"); }

  test::TempFolder temp_;
};

TEST_F(Copy, takes_everything_hidden_files_and_folders_included) {
  const Files files{{"a.py", "a"}, {".airflowignore", "x"}, {"sub/deep/b.py", ""}, {"sub/.hidden/c", "c"}};
  test::write_all(temp_ / "image", files);
  fs::create_directory(temp_ / "image/empty");
  auto copied = run();
  ASSERT_TRUE(copied) << message_of(copied);
  EXPECT_EQ(staged(), files);
  EXPECT_TRUE(fs::is_directory(temp_ / "staging/dd01/dags/ws/empty"));
  EXPECT_EQ(copied->files, 4U);
  EXPECT_EQ(copied->bytes, 3U);
}

TEST_F(Copy, takes_only_what_a_glob_selects) {
  test::write_all(temp_ / "image", {{"a.py", "a"}, {"a.md", "x"}, {"sub/b.py", "b"}, {"data/c.csv", "c"}});
  ASSERT_TRUE(run({"**/*.py", "data/**"}));
  EXPECT_EQ(staged(), (Files{{"a.py", "a"}, {"sub/b.py", "b"}, {"data/c.csv", "c"}}));
}

TEST_F(Copy, keeps_the_executable_bit_and_no_other) {
  test::write_all(temp_ / "image", {{"plain", "x"}, {"run.sh", "x"}, {"setuid", "x"}});
  ASSERT_EQ(::chmod((temp_ / "image/plain").c_str(), 0600), 0);
  ASSERT_EQ(::chmod((temp_ / "image/run.sh").c_str(), 0700), 0);
  ASSERT_EQ(::chmod((temp_ / "image/setuid").c_str(), 06755), 0);
  ASSERT_TRUE(run());
  const auto mode = [&](const char* name) { return fs::status(temp_ / "staging/dd01/dags/ws" / name).permissions(); };
  EXPECT_EQ(mode("plain"), fs::perms(0644));
  EXPECT_EQ(mode("run.sh"), fs::perms(0755));
  EXPECT_EQ(mode("setuid"), fs::perms(0755));
}

TEST_F(Copy, refuses_links_and_special_files_by_name) {
  test::write_all(temp_ / "image", {{"a.py", "a"}});
  test::write(temp_ / "secret", "secret");
  fs::create_symlink(temp_ / "secret", temp_ / "image/escape.py");
  fs::create_directory_symlink("/", temp_ / "image/root");
  ASSERT_EQ(::mkfifo((temp_ / "image/fifo").c_str(), 0666), 0);
  ASSERT_EQ(::mknod((temp_ / "image/null").c_str(), S_IFCHR | 0666, 0x103), 0);
  const auto copied = run();
  EXPECT_EQ(reason_of(copied), "DagsRefused");
  EXPECT_THAT(message_of(copied), HasSubstr("escape.py is a symbolic link"));
  EXPECT_THAT(message_of(copied), HasSubstr("root is a symbolic link"));
  EXPECT_THAT(message_of(copied), HasSubstr("fifo is a FIFO"));
  EXPECT_THAT(message_of(copied), HasSubstr("null is a device"));
  EXPECT_EQ(staged(), (Files{{"a.py", "a"}}));
}

TEST_F(Copy, passes_over_a_link_that_no_glob_selects) {
  test::write_all(temp_ / "image", {{"a.py", "a"}});
  fs::create_directory_symlink("/", temp_ / "image/root");
  EXPECT_EQ(reason_of(run({"**/*.py"})), "ok");
  EXPECT_EQ(staged(), (Files{{"a.py", "a"}}));
}

TEST_F(Copy, accepts_a_link_as_the_folder_itself) {
  test::write_all(temp_ / "real", {{"a.py", "a"}});
  fs::create_directory_symlink("real", temp_ / "image");
  EXPECT_EQ(reason_of(run()), "ok");
  EXPECT_EQ(staged(), (Files{{"a.py", "a"}}));
}

TEST_F(Copy, names_the_path_that_the_image_lacks_and_the_field_that_says_it) {
  const auto copied = run();
  EXPECT_EQ(reason_of(copied), "DagsFolderMissing");
  EXPECT_THAT(message_of(copied), HasSubstr((temp_ / "image").string()));
  EXPECT_THAT(message_of(copied), HasSubstr("spec.dags.path"));
  test::write(temp_ / "image", "a file");
  EXPECT_EQ(reason_of(run()), "DagsFolderMissing");
}

TEST_F(Copy, says_who_may_not_read_what) {
  test::write_all(temp_ / "image", {{"a.py", "a"}, {"private.py", "x"}});
  fs::permissions(temp_ / "image/private.py", fs::perms(0600));
  fs::permissions(temp_.path(), fs::perms(0777));
  const std::string message = test::as_user(1000, [&] {
    auto copied = run();
    return reason_of(copied) + ": " + message_of(copied);
  });
  EXPECT_THAT(message, HasSubstr("DagsNotReadable: cannot read " + (temp_ / "image/private.py").string()));
  EXPECT_THAT(message, HasSubstr("1000:1000"));
}

TEST_F(Copy, stops_at_folders_nested_without_end) {
  fs::path path = temp_ / "image";
  for (int i = 0; i < 33; ++i) path /= "d";
  test::write(path / "f", "x");
  EXPECT_EQ(reason_of(run()), "DagsRefused");
}

TEST_F(Copy, repeated_after_a_restart_of_the_container_comes_to_the_same) {
  test::write_all(temp_ / "image", {{"a.py", "new"}, {"sub/b.py", "b"}});
  test::write_all(temp_ / "staging/dd01/dags/ws", {{"a.py", "half written"}});
  ASSERT_TRUE(run());
  ASSERT_TRUE(run());
  EXPECT_EQ(staged(), (Files{{"a.py", "new"}, {"sub/b.py", "b"}}));
}

TEST_F(Copy, does_not_write_through_links_left_in_the_staging_area) {
  test::write_all(temp_ / "image", {{"sub/a.py", "a"}, {"b.py", "b"}});
  test::write(temp_ / "victim", "untouched");
  fs::create_directories(temp_ / "elsewhere");
  fs::create_directories(temp_ / "staging/dd01/dags/ws");
  fs::create_symlink(temp_ / "victim", temp_ / "staging/dd01/dags/ws/b.py");
  EXPECT_TRUE(run({"b.py"}));
  EXPECT_EQ(test::read(temp_ / "victim"), "untouched");
  fs::create_directory_symlink(temp_ / "elsewhere", temp_ / "staging/dd01/dags/ws/sub");
  EXPECT_FALSE(run());
  EXPECT_TRUE(fs::is_empty(temp_ / "elsewhere"));
}

TEST_F(Copy, tells_that_the_staging_area_is_full) {
  test::write_all(temp_ / "image", {{"big.bin", std::string(300'000, 'x')}});
  const test::Tmpfs small(temp_ / "staging", "size=128k");
  EXPECT_EQ(reason_of(run()), "StorageFull");
}

}  // namespace
}  // namespace atelier::stage
