#include "registry/challenge.h"

#include <gtest/gtest.h>

namespace atelier::registry {
namespace {

std::string read(const std::vector<std::string>& headers) {
  http::Headers all{{"content-type", "text/html"}};
  for (const std::string& value : headers) all.emplace_back("www-authenticate", value);
  const auto challenges = challenges_of(all);
  if (!challenges) return challenges.error().message;
  std::string text;
  for (const Challenge& challenge : challenges.value()) {
    text += challenge.scheme;
    for (const auto& [name, value] : challenge.params) text.append(" ").append(name).append("=[").append(value) += "]";
    text += "; ";
  }
  return text;
}

TEST(Challenges, AreReadAsRegistriesWriteThem) {
  EXPECT_EQ(
      read({R"(Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull")"}),
      "bearer realm=[https://auth.docker.io/token] scope=[repository:a/b:pull] service=[registry.docker.io]; ");
  EXPECT_EQ(read({R"(Basic realm="Registry Realm")"}), "basic realm=[Registry Realm]; ");
  EXPECT_EQ(read({}), "");
}

TEST(Challenges, AreSeveralInOneHeaderOrInSeveral) {
  EXPECT_EQ(read({R"(Negotiate, Basic realm="a" , BEARER Realm = "b" , service=c)"}),
            "negotiate; basic realm=[a]; bearer realm=[b] service=[c]; ");
  EXPECT_EQ(read({R"(Basic realm="a")", R"(Bearer realm="b")"}), "basic realm=[a]; bearer realm=[b]; ");
  EXPECT_EQ(read({R"(Negotiate YIIabc+/==, , Bearer realm="b",)"}), "negotiate; bearer realm=[b]; ");
  EXPECT_EQ(read({"Negotiate abc=, Basic"}), "negotiate; basic; ");
  EXPECT_EQ(read({"Bearer realm="}), "bearer; ") << "which is base64 too, and no realm";
}

TEST(Challenges, MayQuoteAnything) {
  EXPECT_EQ(read({R"(Bearer realm="a, b=\"c\" \\")"}), R"(bearer realm=[a, b="c" \]; )");
}

TEST(Challenges, ThatBreakTheGrammarAreNotGuessed) {
  for (const char* header : {R"(Bearer realm="a)", R"(Bearer realm="a\)", R"(Bearer realm="a" service="b")", "realm=a",
                             R"(Bearer realm="a", realm="b")", R"(Bearer realm="a",Realm="b")",
                             "Bearer realm=\"a\x01\"", "Bearer realm=\"\xc3\xa9\"", "\"Bearer\"", "Bearer \"a\"",
                             "Bearer=a", "Bear/er", "Bearer a b", "Bearer a=\"b\"c"}) {
    EXPECT_EQ(read({header}), "its WWW-Authenticate cannot be read") << header;
  }
  EXPECT_EQ(read({"Basic " + std::string(9'000, 'a')}), "its WWW-Authenticate is too long");
}

}  // namespace
}  // namespace atelier::registry
