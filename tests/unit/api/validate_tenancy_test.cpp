#include <gtest/gtest.h>

#include "unit/api/violations.h"

namespace atelier::api {
namespace {

using testing::words;

Quantity amount(const char* text) { return parse_quantity(text).value(); }

std::string found(const BusinessDomainSpec& spec) { return words(validate(spec)); }

std::string of_cidr(const char* cidr) {
  BusinessDomainSpec spec;
  spec.network.emplace().egress.push_back({cidr, {}});
  return found(spec);
}

std::string of_subject(const Subject& subject) {
  BusinessDomainSpec spec;
  spec.access.engineers = {subject};
  return found(spec);
}

TEST(ValidateTenancy, WhatIsCountedIsWhole) {
  BusinessDomainSpec spec;
  spec.quota.emplace().pods = amount("10");
  spec.quota->requests_cpu = amount("500m");
  EXPECT_EQ(found(spec), "");
  spec.quota->pods = amount("500m");
  EXPECT_TRUE(found(spec).starts_with("InvalidValue spec.quota.pods: ")) << found(spec);
}

TEST(ValidateTenancy, ADefaultIsNoMoreThanTheMost) {
  BusinessDomainSpec spec;
  spec.limits.emplace().max.memory = amount("1Gi");
  spec.limits->limits.memory = amount("1024Mi");
  spec.limits->requests.memory = amount("512Mi");
  EXPECT_EQ(found(spec), "");
  spec.limits->limits.memory = amount("2Gi");
  EXPECT_EQ(found(spec),
            "InvalidValue spec.limits.default.memory: 2Gi is more than max.memory; it should be at most 1Gi");
  spec.limits->limits = {};
  spec.limits->requests.memory = amount("2Gi");
  EXPECT_EQ(
      found(spec),
      "InvalidValue spec.limits.defaultRequest.memory: 2Gi is more than a container may use; it should be at most "
      "1Gi");
}

TEST(ValidateTenancy, ARangeOfAddressesIsOne) {
  for (const char* good : {"10.1.0.0/16", "0.0.0.0/0", "192.168.1.7/32", "2001:db8::/32", "::/0"}) {
    EXPECT_EQ(of_cidr(good), "") << good;
  }
  for (const char* bad : {"", "10.1.0.0", "10.1.0.0/33", "10.1.0.0/", "10.1.0.0/08", "10.1.0/16", "example.org/16",
                          "2001:db8::/129", "10.1.0.0/1 6", "10.1.0.0/-1", "/16", "10.1.0.0/+8"}) {
    EXPECT_TRUE(of_cidr(bad).starts_with("InvalidValue spec.network.egress[0].cidr: ")) << bad;
  }
}

TEST(ValidateTenancy, SubjectsAreSomebody) {
  EXPECT_EQ(of_subject({"User", "alice@example.org", ""}), "");
  EXPECT_EQ(of_subject({"ServiceAccount", "builder", "ci"}), "");
  EXPECT_TRUE(
      of_subject({"ServiceAccount", "builder", ""}).starts_with("InvalidName spec.access.engineers[0].namespace"));
  EXPECT_EQ(of_subject({"Group", "team", "ci"}),
            "InvalidValue spec.access.engineers[0].namespace: goes with kind ServiceAccount only; remove it");
  EXPECT_TRUE(of_subject({"Group", "", ""}).starts_with("InvalidValue spec.access.engineers[0].name: is empty"));
  EXPECT_TRUE(of_subject({"Group", "system:unauthenticated", ""}).starts_with("InvalidValue"));
  EXPECT_TRUE(of_subject({"User", "system:anonymous", ""}).starts_with("InvalidValue"));
}

}  // namespace
}  // namespace atelier::api
