#include "atelier/meta/resource_version.h"

#include <gtest/gtest.h>

namespace atelier::meta {
namespace {

TEST(ResourceVersion, IsComparedByLengthThenDigits) {
  EXPECT_EQ(compare_resource_versions("9", "10"), std::strong_ordering::less);
  EXPECT_EQ(compare_resource_versions("123456789012345678901", "99999999999999999999"), std::strong_ordering::greater);
  EXPECT_EQ(compare_resource_versions("42", "42"), std::strong_ordering::equal);
}

TEST(ResourceVersion, OfAnotherFormIsNotCompared) {
  EXPECT_FALSE(compare_resource_versions("", "1"));
  EXPECT_FALSE(compare_resource_versions("01", "1"));
  EXPECT_FALSE(compare_resource_versions("1", "abc"));
  EXPECT_FALSE(compare_resource_versions("0", "1"));
}

}  // namespace
}  // namespace atelier::meta
