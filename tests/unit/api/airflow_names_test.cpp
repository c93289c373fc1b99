#include "atelier/api/airflow_names.h"

#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <set>

#include "support/source_dir.h"

namespace atelier::api {
namespace {

TEST(AirflowNames, AreAWorkspacesOwn) {
  for (const char* good :
       {"HD_NAMESPACE", "HD_WS_BOILERPLATE_NAME", "a", "Pathway", "HOMES", "POSTGRES_HOST", "DBT_TARGET"}) {
    EXPECT_EQ(why_not_for_airflow(good), "") << good;
  }
}

TEST(AirflowNames, AreNoneThatAirflowOrItsProcessReads) {
  for (const char* bad : {"AIRFLOW__CORE__FERNET_KEY",
                          "AIRFLOW_HOME",
                          "AIRFLOW_CONN_DB",
                          "airflow__core__dags_folder",
                          "PATH",
                          "Path",
                          "HOME",
                          "LD_PRELOAD",
                          "PYTHONPATH",
                          "PYTHONSTARTUP",
                          "https_proxy",
                          "KUBERNETES_SERVICE_HOST",
                          "KUBECONFIG",
                          "AWS_ENDPOINT_URL",
                          "GUNICORN_CMD_ARGS",
                          "PGHOST",
                          "BASH_ENV",
                          "ENV",
                          "ATELIER_RESULTS",
                          "GIT_SSH_COMMAND",
                          "REQUESTS_CA_BUNDLE",
                          "TZ"}) {
    EXPECT_NE(why_not_for_airflow(bad).find("would change Airflow itself"), std::string::npos) << bad;
  }
}

TEST(AirflowNames, AreLettersDigitsAndUnderlines) {
  for (const std::string& bad :
       {std::string(), std::string("1A"), std::string("_AIRFLOW_DB_MIGRATE"), std::string("A-B"), std::string("A.B"),
        std::string("A B"), std::string("A=B"), std::string("Ä"), std::string(254, 'A'), std::string("A\0B", 3),
        std::string("A\nB")}) {
    EXPECT_NE(why_not_for_airflow(bad).find("cannot name a variable"), std::string::npos) << bad;
  }
  EXPECT_EQ(why_not_for_airflow(std::string(253, 'A')), "");
}

TEST(AirflowNames, AreKeptAsThePageSays) {
  std::ifstream page(atelier::testing::source_dir() + "/docs/reference/airflow.md");
  const std::regex word("`([A-Z0-9_]+[*]?)`");
  std::set<std::string> told;
  for (std::string line; std::getline(page, line);) {
    if (!line.starts_with("| `")) continue;
    const std::string names = line.substr(0, line.find('|', 1));
    for (auto at = std::sregex_iterator(names.begin(), names.end(), word); at != std::sregex_iterator(); ++at) {
      told.insert((*at)[1]);
    }
  }
  const auto kept = names_kept_from_airflow();
  EXPECT_EQ(told, std::set<std::string>(kept.begin(), kept.end()));
}

}  // namespace
}  // namespace atelier::api
