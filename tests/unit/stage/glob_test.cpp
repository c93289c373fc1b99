#include "stage/glob.h"

#include <gtest/gtest.h>

namespace atelier::stage {
namespace {

bool matches(std::string_view pattern, std::string_view path) {
  auto glob = Glob::parse(pattern);
  EXPECT_TRUE(glob) << pattern;
  return glob && glob->matches(path);
}

TEST(Glob, two_stars_select_everything_hidden_files_included) {
  for (const char* path : {"a.py", ".airflowignore", "sub/.hidden/x", "a/b/c/d"}) EXPECT_TRUE(matches("**", path));
}

TEST(Glob, one_star_stays_within_a_name) {
  EXPECT_TRUE(matches("*.py", "a.py"));
  EXPECT_TRUE(matches("*.py", ".py"));
  EXPECT_FALSE(matches("*.py", "sub/a.py"));
  EXPECT_FALSE(matches("*.py", "a.pyc"));
  EXPECT_TRUE(matches("sub/*", "sub/a"));
  EXPECT_FALSE(matches("sub/*", "sub/a/b"));
  EXPECT_FALSE(matches("sub/*", "sub"));
  EXPECT_TRUE(matches("a*b*c", "aXbYbZc"));
  EXPECT_FALSE(matches("a*b*c", "aXbYbZ"));
}

TEST(Glob, a_question_mark_is_one_character_however_many_bytes_it_has) {
  EXPECT_TRUE(matches("?.py", "a.py"));
  EXPECT_TRUE(matches("?.py", "ä.py"));
  EXPECT_TRUE(matches("*?.py", "äöü.py"));
  EXPECT_FALSE(matches("?.py", "ab.py"));
  EXPECT_FALSE(matches("?.py", ".py"));
  EXPECT_FALSE(matches("a?b", "a/b"));
}

TEST(Glob, two_stars_stand_for_any_number_of_folders) {
  EXPECT_TRUE(matches("**/*.py", "a.py"));
  EXPECT_TRUE(matches("**/*.py", "x/y/z/a.py"));
  EXPECT_TRUE(matches("x/**/a.py", "x/a.py"));
  EXPECT_TRUE(matches("x/**/y/**/a.py", "x/1/y/2/y/3/a.py"));
  EXPECT_FALSE(matches("x/**/y/**/a.py", "x/1/2/a.py"));
  EXPECT_TRUE(matches("sub/**", "sub/a/b"));
  EXPECT_FALSE(matches("sub/**", "sub"));
  EXPECT_FALSE(matches("sub/**", "subs/a"));
  EXPECT_TRUE(matches("**/**", "a"));
}

TEST(Glob, a_pattern_that_could_leave_the_tree_is_refused) {
  for (const char* pattern : {"", "/etc/*", "../x", "a/../b", "a//b", "./a", "a/"}) {
    EXPECT_FALSE(Glob::parse(pattern)) << pattern;
  }
}

TEST(Glob, many_stars_do_not_take_exponential_time) {
  const std::string name(250, 'a');
  EXPECT_FALSE(matches("*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b", name));
  std::string path = "a";
  for (int i = 0; i < 100; ++i) path += "/a";
  EXPECT_FALSE(matches("**/a/**/a/**/a/**/a/**/a/**/a/**/a/**/a/**/b", path));
}

}  // namespace
}  // namespace atelier::stage
