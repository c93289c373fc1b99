#include "stage/manifest.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "unit/stage/sandbox.h"

namespace atelier::stage {
namespace {

using test::Files;

FileEntry entry(const std::string& path, const std::string& text, bool executable = false) {
  Sha256 hash;
  hash.update(text);
  return {path, executable, {text.size(), hash.finish()}};
}

std::string id(std::vector<FileEntry> files) { return manifest_of(std::move(files)).release; }

TEST(ReleaseId, does_not_depend_on_the_order_in_which_files_are_met) {
  EXPECT_EQ(id({entry("a", "1"), entry("b/c", "2")}), id({entry("b/c", "2"), entry("a", "1")}));
}

TEST(ReleaseId, depends_on_path_content_and_executable_bit) {
  const std::string base = id({entry("a", "1")});
  EXPECT_NE(base, id({entry("b", "1")}));
  EXPECT_NE(base, id({entry("a", "2")}));
  EXPECT_NE(base, id({entry("a", "1", true)}));
  EXPECT_NE(base, id({entry("a", "1"), entry("b", "")}));
}

TEST(ReleaseId, is_the_documented_encoding_so_that_anybody_can_recompute_it) {
  Sha256 hash;
  const FileEntry file = entry("a", "1");
  hash.update("atelier-release-v1\n");
  hash.update(std::string_view("\0\0\0\0\0\0\0\1a\0\0\0\0\0\0\0\0\1", 18));
  hash.update({reinterpret_cast<const char*>(file.content.digest.data()), 32});
  EXPECT_EQ(id({file}), hex(hash.finish()));
}

TEST(ReleaseId, does_not_depend_on_times_owners_or_empty_folders) {
  test::TempFolder folder;
  const auto id_of = [&] {
    auto checked = check({.tree = folder / "tree", .manifest = folder / "manifest"});
    return checked ? checked->manifest.release : message_of(checked);
  };
  test::write_all(folder / "tree", {{"a.py", "a"}, {"sub/b.py", "b"}});
  const std::string before = id_of();
  EXPECT_EQ(before.size(), 64U);
  test::fs::last_write_time(folder / "tree/a.py", test::fs::file_time_type::clock::now() - std::chrono::hours(1000));
  ASSERT_EQ(::chown((folder / "tree/a.py").c_str(), 1234, 1234), 0);
  test::fs::create_directory(folder / "tree/empty");
  EXPECT_EQ(id_of(), before);
  ASSERT_EQ(::chmod((folder / "tree/a.py").c_str(), 0755), 0);
  EXPECT_NE(id_of(), before);
}

TEST(Manifest, is_read_back_as_it_was_written) {
  const Manifest manifest = manifest_of({entry("sub/\"quoted\" ä.py", "x"), entry("a", "", true)});
  auto read = parse_manifest(render(manifest));
  ASSERT_TRUE(read) << message_of(read);
  EXPECT_EQ(read->files, manifest.files);
  EXPECT_EQ(read->release, manifest.release);
  EXPECT_EQ(read->bytes, 1U);
}

TEST(Manifest, that_someone_edited_is_not_used) {
  const std::string text = render(manifest_of({entry("a", "1"), entry("b", "2")}));
  const auto edited = [&](const std::string& from, const std::string& to) {
    std::string changed = text;
    changed.replace(changed.find(from), from.size(), to);
    return reason_of(parse_manifest(changed));
  };
  EXPECT_EQ(edited("\"a\"", "\"a\""), "ok");
  EXPECT_EQ(edited("\"a\"", "\"../a\""), "StagingChanged");
  EXPECT_EQ(edited("\"a\"", "\"/a\""), "StagingChanged");
  EXPECT_EQ(edited("\"a\"", "\"aa\""), "StagingChanged");
  EXPECT_EQ(edited("\"b\"", "\"a\""), "StagingChanged");
  EXPECT_EQ(edited("false", "true"), "StagingChanged");
  EXPECT_EQ(edited("\"size\":1", "\"size\":2"), "StagingChanged");
  EXPECT_EQ(edited("\"files\":2", "\"files\":3"), "StagingChanged");
  EXPECT_EQ(edited("\"bytes\":2", "\"bytes\":3"), "StagingChanged");
  EXPECT_EQ(edited("\"version\":1", "\"version\":2"), "StagingChanged");
  EXPECT_EQ(reason_of(parse_manifest("")), "StagingChanged");
  EXPECT_EQ(reason_of(parse_manifest(text.substr(0, text.size() / 2))), "StagingChanged");
}

}  // namespace
}  // namespace atelier::stage
