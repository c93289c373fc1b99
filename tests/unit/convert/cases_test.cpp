// Converts the inputs of cases/ and compares with what stands beside them. `ATELIER_REWRITE=1 convert_tests` writes
// what comes of them now into the files: read the difference before you commit it.
#include "unit/convert/cases.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "cli/lint.h"
#include "support/source_dir.h"

namespace atelier::convert::testing {
namespace {

std::string findings_of(const std::vector<cli::Finding>& findings) {
  std::string text;
  for (const cli::Finding& one : findings) text += one.to_string() + "\n";
  return text;
}

void compare(const std::filesystem::path& file, const std::string& now) {
  if (std::getenv("ATELIER_REWRITE") != nullptr) {
    std::filesystem::remove(file);
    if (!now.empty()) std::ofstream(file, std::ios::binary) << now;
  } else {
    EXPECT_EQ(now, text_of(file)) << file;
  }
}

class Case : public ::testing::TestWithParam<std::filesystem::path> {};

TEST_P(Case, GoesAsWritten) {
  const cli::Manifest input{"input.yaml", text_of(GetParam() / "input.yaml")};
  const cli::Manifests converted = cli::convert({input}, options_of(GetParam()));
  compare(GetParam() / "expected.yaml", converted.yaml);
  compare(GetParam() / "findings.txt", findings_of(converted.findings));
  EXPECT_EQ(converted.yaml.empty(), converted.refused()) << "all or nothing";

  const cli::Report report = cli::lint({{"expected.yaml", converted.yaml}});
  EXPECT_EQ(findings_of(report.findings), "") << "lint takes what was converted";
  EXPECT_EQ(report.objects > 0, !converted.refused());

  const cli::Manifests again = cli::convert({input}, options_of(GetParam()));
  EXPECT_EQ(again.yaml, converted.yaml);
  EXPECT_EQ(again.findings.size(), converted.findings.size());
}

// Secrets in the cases have this word in them.
TEST_P(Case, TellsNoSecret) {
  const cli::Manifest input{"input.yaml", text_of(GetParam() / "input.yaml")};
  const cli::Manifests converted = cli::convert({input}, options_of(GetParam()));
  EXPECT_EQ(findings_of(converted.findings).find("hunter"), std::string::npos);
  EXPECT_EQ(converted.yaml.find("hunter"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(Convert, Case, ::testing::ValuesIn(cases()),
                         [](const auto& given) { return name_of(given.param); });

// As docs/guides/moving-from-deployment-needs.md does.
TEST(Convert, TakesTheExamples) {
  const std::filesystem::path folder = atelier::testing::source_dir() + "/examples/adopt";
  const Options needs{"", "team-a", {"dd01", "bd01"}, "", ""};
  const Options ratatouille{"", "", {"dd01", "bd01"}, "registry.local/analytics:1.4.0", "/app/pipelines"};
  EXPECT_FALSE(cli::convert({{"needs", text_of(folder / "deployment-needs.yaml")}}, needs).refused());
  EXPECT_FALSE(cli::convert({{"ratatouille", text_of(folder / "workspace.yaml")}}, ratatouille).refused());
}

TEST(Convert, IsAllOfSeveralFilesOrNothing) {
  const std::string good = "name: a\n";
  const Options options{"", "", {"dd01", ""}, "r/i:1", "/dags"};
  EXPECT_EQ(cli::convert({{"a", good}, {"b", "name: b\nvalues: 1\n"}}, options).yaml, "");
  const cli::Manifests both = cli::convert({{"a", good}, {"b", "name: b\n"}}, options);
  EXPECT_EQ(findings_of(both.findings), "");
  EXPECT_EQ(cli::lint({{"out", both.yaml}}).objects, 2U);
}

// Each alone, so that nothing else refuses the file.
TEST(Convert, RefusesEachSecretAndTellsNone) {
  const std::string container = "spec: {containers: [{name: ws, image: 'r/ws:1', ";
  const std::vector<std::string> inputs = {
      container + "env: [{name: POSTGRES_PASSWORD, value: hunter2}]}]}\n",
      container + "env: [{name: DATABASE_URL, value: 'postgres://dd01:hunter2@db/dd01'}]}]}\n",
      container + "env: [{name: POSTGRES_PASSWORD, values: hunter2}]}]}\n",
      container + "args: [--password=hunter2]}]}\n",
      container + "args: ['curl https://hunter2@host']}]}\n",
      container + "command: [sh, -c, 'PGPASSWORD=hunter2 psql']}]}\n",
      container + "}]}\nairflow:\n  extraEnv: |\n    - {name: API_KEY, value: hunter2}\n",
      "spec:\n  initContainers:\n    copy: {image: 'r/ws:1', env: [{name: TOKEN, value: hunter2}]}\n",
      "spec: {containers: [{name: ws, image: 'hunter2:hunter2@r/ws:1'}]}\n",
      "name: ws\ndescription: see https://me:hunter2@wiki\n",
  };
  const Options options{"ws", "", {"dd01", ""}, "", "/dags"};
  for (const std::string& input : inputs) {
    Options given = options;
    if (input.starts_with("name")) given.image = "r/ws:1";
    const cli::Manifests converted = cli::convert({{"a", input}}, given);
    EXPECT_TRUE(converted.refused()) << input;
    EXPECT_EQ(converted.yaml, "") << input;
    EXPECT_EQ(findings_of(converted.findings).find("hunter"), std::string::npos) << findings_of(converted.findings);
  }
}

TEST(Convert, RefusesTwoWorkspacesOfOneName) {
  const Options options{"ws", "", {"dd01", ""}, "r/i:1", "/dags"};
  const cli::Manifests converted = cli::convert({{"a", "name: ws\n"}, {"b", "name: ws\n"}}, options);
  EXPECT_EQ(findings_of(converted.findings),
            "b: gives a workspace of the same name as a; convert them one by one, with --name\n");
  EXPECT_EQ(converted.yaml, "");
}

TEST(Convert, RefusesWhatIsNotUtf8) {
  const cli::Manifests converted = cli::convert({{"a", "name: \"\xFF\"\n"}}, {});
  EXPECT_EQ(findings_of(converted.findings), "a: line 1: is not UTF-8, in which the file should be saved\n");
}

TEST(Convert, TakesADataDomainWithAndWithoutANamespace) {
  EXPECT_EQ(cli::parse_reference("bd01/dd01").value(), (api::NamespacedReference{"dd01", "bd01"}));
  EXPECT_EQ(cli::parse_reference("dd01").value(), (api::NamespacedReference{"dd01", ""}));
  for (const char* text : {"/dd01", "bd01/", "a/b/c"}) EXPECT_FALSE(cli::parse_reference(text)) << text;
}

}  // namespace
}  // namespace atelier::convert::testing
