#include "registry/words.h"

#include <gtest/gtest.h>

namespace atelier::registry {
namespace {

TEST(Words, AreTheSameEachTimeTheSameHappens) {
  EXPECT_EQ(plain_words("Failed to connect to r port 5000 after 31 ms: Couldn't connect to server"),
            "Failed to connect to r port 5000: Couldn't connect to server");
  EXPECT_EQ(plain_words("Operation timed out after 30001 milliseconds with 12 bytes received"), "Operation timed out");
  EXPECT_EQ(plain_words("timed out after 30001 milliseconds with 12 out of -1 bytes received"), "timed out");
}

TEST(Words, CanBeShown) {
  EXPECT_EQ(plain_words("a\x1b[31m\r\n\x7f\xc3\xa9"), "a\\x1b[31m\\x0d\\x0a\\x7f\\xc3\\xa9");
  EXPECT_EQ(plain_words(std::string(5'000, 'a')).size(), 300U);
}

}  // namespace
}  // namespace atelier::registry
