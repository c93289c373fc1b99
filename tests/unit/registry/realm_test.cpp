#include "registry/realm.h"

#include <gtest/gtest.h>

namespace atelier::registry {
namespace {

const Origin kRegistry{true, "registry.local", 5000};

std::string check(const std::string& realm, const Origin& registry = kRegistry, const Settings& settings = {}) {
  const auto url = checked_realm(realm, registry, settings);
  return url ? "asked" : url.error().message;
}

TEST(ARealm, IsOnTheRegistrysOwnHost) {
  EXPECT_EQ(check("https://registry.local:5000/token"), "asked");
  EXPECT_EQ(check("https://Registry.local/token?x"), "asked") << "another port of it too";
}

TEST(ARealm, OnAnotherHostIsForeign) {
  for (const char* host :
       {"evil.test", "registry.local.evil.test", "local", "a.registry.local", "auth.docker.io", "169.254.169.254"}) {
    EXPECT_EQ(check("https://" + std::string(host) + "/token"),
              "it sends for tokens to " + std::string(host) + ", which only the operator's --registry-realm can allow");
  }
}

TEST(ARealm, IsOneThatTheOperatorsOwnerAllows) {
  Settings settings;
  settings.realms = {{kRegistry, {true, "gitlab.local", 443}}, {{false, "registry.local", 80}, {true, "g.local", 443}}};
  EXPECT_EQ(check("https://gitlab.local/jwt/auth", kRegistry, settings), "asked");
  EXPECT_NE(check("https://gitlab.local:8443/jwt/auth", kRegistry, settings), "asked");
  EXPECT_NE(check("https://evil.gitlab.local/jwt/auth", kRegistry, settings), "asked");
  EXPECT_NE(check("http://g.local:443/jwt/auth", {false, "registry.local", 80}, settings), "asked");
  EXPECT_EQ(check("https://g.local/jwt/auth", {false, "registry.local", 80}, settings), "asked");
}

TEST(ARealm, OfOneRegistryIsForeignToAnother) {
  Settings settings;
  settings.realms = {{kRegistry, {true, "gitlab.local", 443}}};
  for (const Origin& other : {Origin{true, "evil.test", 443}, Origin{true, "registry.local", 443},
                              Origin{true, "gitlab.local.evil.test", 443}}) {
    EXPECT_NE(check("https://gitlab.local/jwt/auth", other, settings), "asked") << other.authority();
  }
}

TEST(ARealm, OfDockerHubIsItsOwn) {
  EXPECT_EQ(check("https://auth.docker.io/token", {true, "registry-1.docker.io", 443}), "asked");
  EXPECT_NE(check("https://auth.docker.io:8443/token", {true, "registry-1.docker.io", 443}), "asked");
}

TEST(ARealm, HasTlsIfTheRegistryHas) {
  EXPECT_EQ(check("http://registry.local/token"), "it sends for tokens to registry.local without TLS");
  EXPECT_EQ(check("http://registry.local:5001/token", {false, "registry.local", 5000}), "asked");
  EXPECT_EQ(check("https://registry.local:5001/token", {false, "registry.local", 5000}), "asked");
}

TEST(ARealm, IsAnAddress) {
  for (const char* realm : {"", "token", "/token", "https://user:password@registry.local/", "javascript:x"}) {
    EXPECT_EQ(check(realm), "it names no address that gives tokens") << realm;
  }
}

}  // namespace
}  // namespace atelier::registry
