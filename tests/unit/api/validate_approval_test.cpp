#include <gtest/gtest.h>

#include "atelier/api/validate.h"

namespace atelier::api {
namespace {

std::string found(const ApprovalSpec& spec) {
  std::string text;
  for (const Violation& one : validate(spec)) text += (text.empty() ? "" : "\n") + one.reason + " " + one.path;
  return text;
}

ApprovalSpec approval() { return {{"orders-1", Uid{"u"}}, "release", "Approve", "bob", ""}; }

TEST(ValidateApproval, AMinimalOneIsFine) { EXPECT_EQ(found(approval()), ""); }

TEST(ValidateApproval, NamesEveryPartThatIsWrong) {
  EXPECT_EQ(found({{"Orders", Uid{}}, "a.b", "Approve", "", std::string(257, 'x')}),
            "InvalidName spec.run.name\nInvalidValue spec.run.uid\nInvalidName spec.task\nInvalidValue spec.user\n"
            "InvalidValue spec.comment");
}

TEST(ValidateApproval, CountsCharactersNotBytes) {
  ApprovalSpec spec = approval();
  for (int i = 0; i < 256; ++i) spec.comment += "ü";
  EXPECT_EQ(found(spec), "");
  spec.comment += "ü";
  EXPECT_EQ(found(spec), "InvalidValue spec.comment");
}

TEST(ValidateApproval, AnAuthorOfARunIsBounded) {
  PipelineRunSpec run;
  run.pipeline.name = "daily";
  run.author = std::string(512, 'a');
  EXPECT_TRUE(validate("r", run).empty());
  run.author += "a";
  EXPECT_EQ(validate("r", run).front().path, "spec.author");
}

}  // namespace
}  // namespace atelier::api
