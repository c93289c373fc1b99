#include "convert/secret.h"

#include <gtest/gtest.h>

namespace atelier::convert {
namespace {

TEST(Secret, IsToldByItsName) {
  for (const char* name : {"POSTGRES_PASSWORD",
                           "PGPASSWORD",
                           "postgres-password",
                           "postgresPassword",
                           "DB_PASSWD",
                           "DB_PWD",
                           "DB_PASS",
                           "S3_SECRET_KEY",
                           "S3_ACCESS_KEY",
                           "AWS_ACCESS_KEY_ID",
                           "API_KEY",
                           "apikey",
                           "apiKey",
                           "TOKEN",
                           "GITHUB_TOKEN",
                           "AUTHTOKEN",
                           "CREDENTIALS",
                           "AZURE_CREDENTIAL",
                           "SECRETS",
                           "SSH_KEY",
                           "SSH_KEYS",
                           "AWS_SECRETACCESSKEY",
                           "PASSPHRASE",
                           "GIT_PAT",
                           "TOKEN_1"}) {
    EXPECT_TRUE(names_secret(name)) << name;
  }
}

TEST(Secret, IsNotTheNameOfAPlaceOrOfAnythingElse) {
  for (const char* name :
       {"POSTGRES_HOST", "POSTGRES_USER", "POSTGRES_DB", "HD_NAMESPACE", "KEYCLOAK_HOST", "MONKEY",
        "POSTGRES_PASSWORD_FILE", "SECRET_NAME", "TOKEN_URL", "PWD", "PATH", "PATTERN", "COMPASS", "AUTHOR", "", "_"}) {
    EXPECT_FALSE(names_secret(name)) << name;
  }
}

TEST(Credentials, AreToldInAUrl) {
  for (const char* text : {"postgres://user:pw@host/db", "see https://token@git.local/x", "a http://b and http://c:d@e",
                           "ssh://git:pw@host", "postgresql+psycopg2://u:p@h", "amqp://:pw@host"}) {
    EXPECT_TRUE(holds_credentials(text)) << text;
  }
  for (const char* text :
       {"https://host/@x", "https://host?mail=a@b", "ssh://git@host/x", "a@b.c", "://", "x://@",
        "postgres://$USER:$PASSWORD@host", "postgres://user:${POSTGRES_PASSWORD}@host", "git@host:x"}) {
    EXPECT_FALSE(holds_credentials(text)) << text;
  }
}

TEST(SecretOption, IsFoundInWordsAndInScripts) {
  using Words = std::vector<std::string>;
  const auto found = [](const Words& words) { return secret_option(words).value_or(""); };
  EXPECT_EQ(found({"psql", "--password=x"}), "password");
  EXPECT_EQ(found({"psql", "--password", "x"}), "password");
  EXPECT_EQ(found({"sh", "-c", "export PGPASSWORD=x; psql"}), "PGPASSWORD");
  EXPECT_EQ(found({"sh", "-c", "PGPASSWORD='x' psql"}), "PGPASSWORD");
  EXPECT_EQ(found({"sh", "-c", "run --api-key \"x\""}), "api-key");
}

TEST(SecretOption, IsNotAReferenceOrAFlag) {
  using Words = std::vector<std::string>;
  for (const Words& words : {Words{"psql", "--password", "$PGPASSWORD"}, Words{"--password=$(PGPASSWORD)"},
                             Words{"--no-password", "-h", "x"}, Words{"echo token"},
                             Words{"sh", "-c", "PGPASSWORD=\"$X\" psql"}, Words{"--token"}, Words{"--token=", "x"}}) {
    EXPECT_EQ(secret_option(words), std::nullopt) << words.front();
  }
}

TEST(Reference, IsNothingButVariables) {
  for (const char* text : {"", "${workspace}", "$(A)", "${a}${b}"}) EXPECT_TRUE(is_reference(text)) << text;
  for (const char* text : {"x", "${workspace}x", "x$(A)", "$A", "${workspace"})
    EXPECT_FALSE(is_reference(text)) << text;
}

}  // namespace
}  // namespace atelier::convert
