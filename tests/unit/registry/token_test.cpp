#include "registry/token.h"

#include <gtest/gtest.h>

namespace atelier::registry {
namespace {

std::string read(const std::string& body) {
  const auto token = token_in(body);
  return token ? token.value().value + " " + format_duration(token.value().lifetime) : token.error().message;
}

TEST(Tokens, AreReadInBothForms) {
  EXPECT_EQ(read(R"({"token":"abc","expires_in":300,"issued_at":"2026-01-01T00:00:00Z"})"), "abc 5m");
  EXPECT_EQ(read(R"({"access_token":"abc"})"), "abc 1m");
  EXPECT_EQ(read(R"({"access_token":"other","token":"abc"})"), "abc 1m");
  EXPECT_EQ(read(R"({"token":"","access_token":"abc","expires_in":0})"), "abc 0s");
}

TEST(Tokens, HoldForAnHourAtMost) {
  for (const char* seconds : {"3601", "18446744073709551615", "9223372036854775807"}) {
    EXPECT_EQ(read(R"({"token":"a","expires_in":)" + std::string(seconds) + "}"), "a 1h") << seconds;
  }
  EXPECT_EQ(read(R"({"token":"a","expires_in":-5})"), "a 0s");
}

TEST(Tokens, ThatCouldBreakAHeaderAreNone) {
  for (const char* body : {R"({"token":"a\r\nX: y"})", R"({"token":"a b"})", R"({"token":"é"})",
                           R"({"token":"\u0000"})", R"({"token":""})", R"({"token":1})", "{}", "[]", "", "abc",
                           R"({"token":"a","expires_in":1.5})", R"({"token":"a","expires_in":1e99})"}) {
    EXPECT_EQ(read(body), "its token cannot be read") << body;
  }
  EXPECT_EQ(read(R"({"token":")" + std::string(20'000, 'a') + "\"}"), "its token cannot be read");
  EXPECT_EQ(read(R"({"token":"a","x":")" + std::string(70'000, 'a') + "\"}"), "its token cannot be read");
}

}  // namespace
}  // namespace atelier::registry
