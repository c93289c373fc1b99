#include "reconcile/revision_record.h"

#include <gtest/gtest.h>

namespace atelier::reconcile {
namespace {

TEST(RevisionRecord, ThatCannotBeReadIsNotQuoted) {
  const auto record = decode_revision("{\"metadata\": {\"secret \xff");
  ASSERT_FALSE(record);
  EXPECT_EQ(record.error().message.find("secret"), std::string::npos) << record.error().message;
  EXPECT_EQ(record.error().message.find('\xff'), std::string::npos);
}

}  // namespace
}  // namespace atelier::reconcile
