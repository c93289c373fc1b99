#include <gtest/gtest.h>

#include "unit/api/violations.h"

namespace atelier::api {
namespace {

using testing::words;

std::string found(const DomainAirflow& airflow) {
  DataDomainSpec spec;
  spec.key = "dd01";
  spec.business_domain.name = "bd01";
  spec.storage = {"storage", {50000, 50000}};
  spec.airflow = airflow;
  return words(validate(spec));
}

std::string of_image(const std::string& image) {
  DomainAirflow airflow;
  airflow.image = image;
  return found(airflow);
}

std::string of_path(const std::string& path) {
  DomainAirflow airflow;
  airflow.dags_path = path;
  return found(airflow);
}

TEST(ValidateDataDomain, TheImageOfAirflowHasATagOrADigest) {
  const std::string digest = "@sha256:" + std::string(64, 'a');
  for (const std::string& good :
       {std::string(), std::string("airflow:2.10.5"), std::string("apache/airflow:slim-3.1.0"),
        std::string("registry.local:5000/team/airflow:1"), "registry:5000/airflow" + digest,
        "airflow:2.10.5" + digest}) {
    EXPECT_EQ(of_image(good), "") << good;
  }
  for (const std::string& bad :
       {std::string("airflow"), std::string("registry:5000/airflow"), std::string("airflow:"), std::string(":1"),
        std::string("airflow@sha256:aa"), std::string("airflow:a b"), std::string("-rf:1"), std::string("a b:1"),
        std::string("air\nflow:1"), "airflow:1" + digest + "x", std::string("airflow:") + std::string(129, 'x')}) {
    EXPECT_TRUE(of_image(bad).starts_with("InvalidValue spec.airflow.image: ")) << bad << "\n" << of_image(bad);
  }
  EXPECT_TRUE(of_image(std::string(600, 'x') + ":1").starts_with("InvalidValue spec.airflow.image: is too long"));
}

TEST(ValidateDataDomain, TheFolderOfAirflowsDagsCoversNothingThatItNeeds) {
  for (const char* good : {"", "/opt/airflow/dags", "/srv/tmp", "/tmpfiles/dags"}) EXPECT_EQ(of_path(good), "") << good;
  for (const char* bad : {"dags", "/", "/opt/../etc", "/tmp", "/tmp/dags", "/dag-ids", "/proc/1", "/dev", "/sys/x"}) {
    EXPECT_TRUE(of_path(bad).starts_with("InvalidValue spec.airflow.dagsPath: ")) << bad;
  }
}

}  // namespace
}  // namespace atelier::api
