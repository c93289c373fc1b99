#include "registry/origin.h"

#include <gtest/gtest.h>

#include "registry/settings.h"

namespace atelier::registry {
namespace {

std::string read(const std::string& text) {
  const auto url = parse_url(text);
  return url ? url->origin.url() + " " + url->target : "none";
}

TEST(Urls, AreReadStrictly) {
  EXPECT_EQ(read("https://auth.docker.io/token"), "https://auth.docker.io /token");
  EXPECT_EQ(read("HTTPS://Auth.Docker.IO:443/token?a=b&c=%20d"), "https://auth.docker.io /token?a=b&c=%20d");
  EXPECT_EQ(read("http://r:5000"), "http://r:5000 /");
  EXPECT_EQ(read("https://r?x"), "https://r /?x");
  EXPECT_EQ(read("https://[fd00::1]:8443/t"), "https://[fd00::1]:8443 /t");
}

TEST(Urls, ThatMightMeanSomethingElseAreNone) {
  for (const char* text : {"",
                           "auth.docker.io",
                           "//auth.docker.io/",
                           "ftp://r/",
                           "file:///etc/passwd",
                           "https://",
                           "https:///token",
                           "https://user@r/",
                           "https://r@evil.test/",
                           "https://r\\@evil.test/",
                           "https://r:0/",
                           "https://r:65536/",
                           "https://r:/",
                           "https://r:+1/",
                           "https://r:1e3/",
                           "https://r:000443/",
                           "https://-r/",
                           "https://r-/",
                           "https://r./",
                           "https://.r/",
                           "https://a..b/",
                           "https://r_s/",
                           "https://r%2e/",
                           "https://[]/",
                           "https://[::1/",
                           "https://[::g]/",
                           "https://r/#x",
                           "https://r/a b",
                           "https://r/a\nb",
                           "https://r/\xc3\xa9",
                           "https://r/a\"b",
                           "https://r/a\x7f",
                           " https://r/",
                           "https://r /"}) {
    EXPECT_EQ(read(text), "none") << text;
  }
  EXPECT_EQ(read("https://r/" + std::string(5'000, 'a')), "none");
  EXPECT_EQ(read("https://" + std::string(254, 'a') + "/"), "none");
}

std::string place(const std::string& text, bool tls) {
  const auto origin = parse_place(text, tls);
  return origin ? origin.value().url() : origin.error().message;
}

TEST(Places, OfOptionsHaveASchemeIfTheySayOne) {
  EXPECT_EQ(place("127.0.0.1:5000", false), "http://127.0.0.1:5000");
  EXPECT_EQ(place("https://127.0.0.1:5000", false), "https://127.0.0.1:5000");
  EXPECT_EQ(place("gitlab.example.org", true), "https://gitlab.example.org");
  for (const char* text : {"", "a/b", "https://a/", "https://a/b", "a b", "*.example.org"}) {
    EXPECT_EQ(place(text, true),
              '"' + std::string(text) + "\" should be a host, as in registry.local:5000 or https://registry.local");
  }
}

}  // namespace
}  // namespace atelier::registry
