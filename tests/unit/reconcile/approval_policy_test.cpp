#include "reconcile/approval_policy.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "reconcile/approval_policy_spec.h"
#include "support/source_dir.h"
#include "support/yaml_json.h"

namespace atelier::reconcile {
namespace {

using nlohmann::json;
using State = engine::ApprovalGuard::State;

// As an API server of Kubernetes 1.35 stored them: `kubectl get -o json --show-managed-fields`.
json stored(const std::string& name) {
  std::ifstream file(atelier::testing::source_dir() + "/tests/unit/reconcile/data/" + name + ".json");
  return json::parse(file);
}

struct PolicyCheck : ::testing::Test {
  engine::ApprovalGuard guard() const {
    const auto one = decode_approval_policy(policy.dump());
    const auto other = decode_approval_binding(binding.dump());
    return approval_guard(policy.is_null() ? nullptr : one.value().get(),
                          binding.is_null() ? nullptr : other.value().get());
  }
  void expect_refused(const std::string& fault) const {
    EXPECT_EQ(guard().state, State::absent);
    EXPECT_EQ(guard().why, "the " + fault +
                               "; an administrator mends that with: kubectl replace --force -f "
                               "deploy/base/approval-policy.yaml");
  }

  json policy = stored("approval-policy");
  json binding = stored("approval-binding");
};

TEST_F(PolicyCheck, TakesWhatTheApiServerMadeOfTheShippedFile) {
  EXPECT_EQ(guard().state, State::in_force);
  EXPECT_EQ(guard().why, "");
}

TEST_F(PolicyCheck, CountsFromHalfAMinuteAfterTheYoungerOfTheTwo) {
  policy["metadata"]["creationTimestamp"] = "2026-01-01T00:00:00Z";
  binding["metadata"]["creationTimestamp"] = "2026-01-02T00:00:00Z";
  EXPECT_EQ(format_time(guard().since), "2026-01-02T00:00:30Z");
  policy["metadata"]["creationTimestamp"] = "2026-01-03T00:00:00Z";
  EXPECT_EQ(format_time(guard().since), "2026-01-03T00:00:30Z") << "the policy was removed for a while";
}

TEST_F(PolicyCheck, SaysWhichObjectIsNotInstalled) {
  binding = nullptr;
  expect_refused("ValidatingAdmissionPolicyBinding atelier-approvals is not installed");
  policy = nullptr;
  expect_refused("ValidatingAdmissionPolicy atelier-approvals is not installed");
}

TEST_F(PolicyCheck, SaysWhatDiffers) {
  policy["spec"]["validations"][1]["expression"] = "true";
  expect_refused(
      "ValidatingAdmissionPolicy atelier-approvals is not the one of this operator: spec.validations[1].expression "
      "differs");
}

TEST_F(PolicyCheck, RefusesWhatWeakensThePolicy) {
  const auto differs = [&](const std::string& pointer, const json& value, const std::string& path) {
    const json before = policy;
    policy[json::json_pointer(pointer)] = value;
    expect_refused("ValidatingAdmissionPolicy atelier-approvals is not the one of this operator: " + path + " differs");
    policy = before;
  };
  differs("/spec/failurePolicy", "Ignore", "spec.failurePolicy");
  differs("/spec/matchConditions", {{{"name", "never"}, {"expression", "false"}}}, "spec.matchConditions");
  differs("/spec/matchConstraints/namespaceSelector", {{"matchLabels", {{"a", "b"}}}},
          "spec.matchConstraints.namespaceSelector.matchLabels");
  differs("/spec/matchConstraints/resourceRules/0/operations", {"CREATE"},
          "spec.matchConstraints.resourceRules[0].operations");
  differs("/spec/validations", json::array(), "spec.validations");
  policy["spec"].erase("variables");
  expect_refused("ValidatingAdmissionPolicy atelier-approvals is not the one of this operator: spec.variables differs");
}

TEST_F(PolicyCheck, RefusesABindingThatOnlyWarns) {
  binding["spec"]["validationActions"] = {"Warn"};
  expect_refused(
      "ValidatingAdmissionPolicyBinding atelier-approvals is not the one of this operator: spec.validationActions[0] "
      "differs");
}

TEST_F(PolicyCheck, RefusesWhatWasChangedAndChangedBack) {
  policy["metadata"]["generation"] = 3;
  expect_refused("ValidatingAdmissionPolicy atelier-approvals was changed after it was made");
}

TEST_F(PolicyCheck, RefusesWhatCannotBeRead) {
  policy["metadata"]["creationTimestamp"] = "now";
  EXPECT_EQ(decode_approval_policy(policy.dump()).value()->fault.rfind("cannot be read: ", 0), 0U);
  policy["metadata"].erase("creationTimestamp");
  EXPECT_EQ(guard().state, State::absent);
  for (const char* text : {"", "[]", "{\"metadata\": 1}"}) {
    EXPECT_EQ(decode_approval_policy(text).value()->fault.rfind("cannot be read: ", 0), 0U) << text;
  }
}

TEST(ApprovalPolicySpec, IsThatOfTheShippedFile) {
  const auto documents = YAML::LoadAllFromFile(atelier::testing::source_dir() + "/deploy/base/approval-policy.yaml");
  ASSERT_EQ(documents.size(), 2U);
  for (const auto& [document, spec] :
       {std::pair{documents[0], kApprovalPolicySpec}, std::pair{documents[1], kApprovalBindingSpec}}) {
    EXPECT_EQ(testing::from_yaml(document["spec"]), json::parse(spec));
    EXPECT_EQ(document["metadata"]["name"].as<std::string>(), kApprovalPolicy);
  }
}

}  // namespace
}  // namespace atelier::reconcile
