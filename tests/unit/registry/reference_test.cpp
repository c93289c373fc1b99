#include "registry/reference.h"

#include <gtest/gtest.h>

namespace atelier::registry {
namespace {

std::string read(const std::string& text) {
  const auto reference = parse_reference(text);
  return reference ? reference.value().registry + " " + reference.value().name : "none";
}

TEST(References, AreReadAsContainerdDoes) {
  EXPECT_EQ(read("nginx"), "docker.io library/nginx");
  EXPECT_EQ(read("team/app"), "docker.io team/app");
  EXPECT_EQ(read("docker.io/nginx"), "docker.io library/nginx");
  EXPECT_EQ(read("index.docker.io/team/app"), "docker.io team/app");
  EXPECT_EQ(read("registry.local/app"), "registry.local app");
  EXPECT_EQ(read("localhost/app"), "localhost app");
  EXPECT_EQ(read("registry:5000/team/deep/er/app"), "registry:5000 team/deep/er/app");
  EXPECT_EQ(read("Registry/app"), "registry app");
  EXPECT_EQ(read("[fd00::1]:5000/app"), "[fd00::1]:5000 app");
  EXPECT_EQ(read("10.0.0.1/a.b_c__d---e/0"), "10.0.0.1 a.b_c__d---e/0");
}

TEST(References, ThatNoRegistryCanHaveAreNone) {
  for (const char* text : {"",
                           "/",
                           "app/",
                           "/app",
                           "a//b",
                           "App",
                           "team/App",
                           "app:1",
                           "registry.local/app:1",
                           "app@sha256:0",
                           "a..b",
                           "a.-b",
                           "a___b",
                           "-a",
                           "a-",
                           ".a",
                           "a/../b",
                           "registry.local/",
                           "registry.local:/app",
                           "registry.local:0/app",
                           "registry.local:70000/app",
                           "user@registry.local/app",
                           "https://registry.local/app",
                           "a b",
                           "a\n",
                           "a%2fb",
                           "a?b",
                           "a#b",
                           "evil.test\\/app",
                           "${workspace}"}) {
    EXPECT_EQ(read(text), "none") << text;
  }
  EXPECT_EQ(read(std::string(256, 'a')), "none");
}

TEST(References, SayWhichHostIsAskedAndHow) {
  Settings settings;
  settings.insecure = {{false, "registry.local", 5000}, {false, "plain.local", 80}, {true, "tls.local", 5443}};
  const auto url = [&](const char* text) { return origin_of(parse_reference(text).value(), settings).url(); };
  EXPECT_EQ(url("nginx"), "https://registry-1.docker.io");
  EXPECT_EQ(url("other.local/app"), "https://other.local");
  EXPECT_EQ(url("registry.local:5000/app"), "http://registry.local:5000");
  EXPECT_EQ(url("registry.local:5001/app"), "https://registry.local:5001");
  EXPECT_EQ(url("plain.local/app"), "http://plain.local");
  EXPECT_EQ(url("plain.local:80/app"), "http://plain.local");
  EXPECT_EQ(url("tls.local:5443/app"), "https://tls.local:5443");
}

TEST(Tags, AreThoseOfTheSpecification) {
  for (const char* text : {"1", "v1.2.3", "_x", "A-b_c.d", "latest"}) EXPECT_TRUE(is_tag(text)) << text;
  for (const char* text : {"", ".a", "-a", "a/b", "a b", "a:b", "a\n", "../x", "%2e", "\xc3\xa9"})
    EXPECT_FALSE(is_tag(text));
  EXPECT_TRUE(is_tag(std::string(128, 'a')));
  EXPECT_FALSE(is_tag(std::string(129, 'a')));
}

TEST(Digests, AreOfSha256) {
  const std::string hex(64, 'a');
  EXPECT_TRUE(is_digest("sha256:" + hex));
  for (const std::string& text :
       {hex, "sha256:" + hex + "a", "sha256:" + hex.substr(1), "SHA256:" + hex, "sha512:" + hex,
        "sha256:" + std::string(64, 'A'), "sha256:" + std::string(64, 'g')}) {
    EXPECT_FALSE(is_digest(text)) << text;
  }
}

}  // namespace
}  // namespace atelier::registry
