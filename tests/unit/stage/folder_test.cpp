#include "stage/folder.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include "stage/beneath.h"
#include "stage/removal.h"
#include "unit/stage/sandbox.h"

namespace atelier::stage {
namespace {

using test::TempFolder;
namespace fs = test::fs;

class Beneath : public ::testing::TestWithParam<bool> {
 protected:
  Beneath() {
    test::write_all(temp_ / "root", {{"a/b/file", "inside"}});
    test::write(temp_ / "secret/file", "outside");
    fs::create_directory_symlink("../secret", temp_ / "root/link");
    fs::create_symlink("../secret/file", temp_ / "root/file_link");
    fs::create_directory_symlink("a/b", temp_ / "root/inner");
  }

  int open(const std::string& path, bool one_device = false) {
    auto root = Folder::open(temp_ / "root");
    const Descriptor fd(::open((temp_ / "root").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    auto opened =
        open_beneath(fd.get(), path, {.flags = O_RDONLY, .one_device = one_device, .by_component = GetParam()});
    return opened ? 0 : opened.error().code;
  }

  TempFolder temp_;
};

INSTANTIATE_TEST_SUITE_P(WithAndWithoutOpenat2, Beneath, ::testing::Bool());

TEST_P(Beneath, opens_plain_paths) {
  EXPECT_EQ(open("a"), 0);
  EXPECT_EQ(open("a/b/file"), 0);
  EXPECT_EQ(open("a/missing"), ENOENT);
}

TEST_P(Beneath, follows_no_link_at_any_place_of_the_path) {
  EXPECT_NE(open("link/file"), 0);
  EXPECT_NE(open("link"), 0);
  EXPECT_NE(open("file_link"), 0);
  EXPECT_NE(open("inner/file"), 0);
}

TEST_P(Beneath, never_leaves_the_folder) {
  for (const char* path : {"..", "../secret/file", "a/../../secret/file", "/etc/passwd", "", ".", "a//b", "a/"}) {
    EXPECT_EQ(open(path), EXDEV) << path;
  }
}

TEST_P(Beneath, enters_no_other_device_if_told_so) {
  const test::Tmpfs mounted(temp_ / "root/mounted", "size=64k");
  test::write(temp_ / "root/mounted/file", "x");
  EXPECT_EQ(open("mounted/file", false), 0);
  EXPECT_EQ(open("mounted/file", true), EXDEV);
  EXPECT_EQ(open("mounted", true), EXDEV);
}

TEST(Removal, deletes_links_but_not_what_they_point_to) {
  TempFolder temp;
  test::write(temp / "outside/kept", "x");
  test::write(temp / "root/tree/sub/file", "x");
  fs::create_directory_symlink(temp / "outside", temp / "root/tree/sub/link");
  auto root = Folder::open(temp / "root");
  ASSERT_TRUE(root);
  EXPECT_EQ(reason_of(remove_tree(*root, "tree")), "ok");
  EXPECT_FALSE(fs::exists(temp / "root/tree"));
  EXPECT_TRUE(fs::exists(temp / "outside/kept"));
}

TEST(Removal, does_not_enter_what_is_mounted_inside) {
  TempFolder temp;
  fs::create_directories(temp / "root/tree");
  const test::Tmpfs mounted(temp / "root/tree/mounted", "size=64k");
  test::write(temp / "root/tree/mounted/kept", "x");
  auto root = Folder::open(temp / "root", {.one_device = true});
  ASSERT_TRUE(root);
  EXPECT_EQ(reason_of(remove_tree(*root, "tree")), "StorageFailed");
  EXPECT_TRUE(fs::exists(temp / "root/tree/mounted/kept"));
}

TEST(Removal, opens_its_own_locked_folders) {
  TempFolder temp;
  fs::permissions(temp.path(), fs::perms(0777));
  EXPECT_EQ(test::as_user(1000,
                          [&] {
                            test::write(temp / "tree/sub/file", "x");
                            fs::permissions(temp / "tree/sub", fs::perms(0));
                            auto root = Folder::open(temp.path());
                            return reason_of(remove_tree(*root, "tree"));
                          }),
            "StorageNotWritable");  // not even its owner may open a folder without permissions for reading
  EXPECT_EQ(test::as_user(1000,
                          [&] {
                            fs::permissions(temp / "tree/sub", fs::perms(0500));
                            auto root = Folder::open(temp.path());
                            return reason_of(remove_tree(*root, "tree"));
                          }),
            "ok");
}

}  // namespace
}  // namespace atelier::stage
