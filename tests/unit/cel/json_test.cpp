#include <gtest/gtest.h>

#include <cmath>

#include "unit/cel/answers.h"

namespace atelier::cel {
namespace {

using nlohmann::json;

TEST(Json, BecomesAValueAndIsTheSameAgain) {
  const auto given = json::parse(R"({"a": [1, -1, 1.0, 1.5, "ä", true, null, {}], "b": {"c": []}})");
  const auto value = value_of(given);
  ASSERT_TRUE(value);
  EXPECT_EQ(json_of(value.value()).dump(), given.dump());
}

TEST(Json, AnIntegerIsAnIntAndAnyOtherNumberADouble) {
  EXPECT_STREQ(value_of(json::parse("1")).value().type_name(), "int");
  EXPECT_STREQ(value_of(json::parse("-1")).value().type_name(), "int");
  EXPECT_STREQ(value_of(json::parse("1.0")).value().type_name(), "double");
  EXPECT_STREQ(value_of(json::parse("9223372036854775807")).value().type_name(), "int");
}

TEST(Json, AnIntegerBeyond64BitsIsRefused) {
  const auto value = value_of(json::parse("[9223372036854775808]"));
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().message, "9223372036854775808 is beyond the 64 bits of an int");
}

TEST(Json, NestedDeeperThan64TimesIsRefused) {
  const auto nested = [](std::size_t depth) { return json::parse(std::string(depth, '[') + std::string(depth, ']')); };
  EXPECT_TRUE(value_of(nested(65)));
  const auto value = value_of(nested(66));
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().message, "the JSON is nested deeper than 64 times");
}

TEST(Json, HasNoOtherKeysThanTextAndNoNaN) {
  EXPECT_EQ(json_of(Value(Value::Map{{Value::Key(true), Value(1)}, {Value::Key(std::int64_t{-5}), Value(2)}})).dump(),
            R"({"-5":2,"true":1})");
  EXPECT_EQ(json_of(Value(std::nan(""))).dump(), "null");
}

TEST(Values, WeighWhatTheyHold) {
  EXPECT_EQ(Value().weight(), 1U);
  EXPECT_EQ(Value(5).weight(), 1U);
  EXPECT_EQ(Value("abc").weight(), 4U);
  EXPECT_EQ(Value(Value::List{Value("abc"), Value(1)}).weight(), 6U);
  EXPECT_EQ(Value(Value::Map{{Value::Key("ab"), Value(1)}, {Value::Key(true), Value()}}).weight(), 7U);
}

TEST(Values, AreReadAsWhatTheyAre) {
  EXPECT_EQ(*Value("abc").as<std::string>(), "abc");
  EXPECT_EQ(Value("abc").as<std::int64_t>(), nullptr);
  EXPECT_EQ(Value(1).as<Value::List>(), nullptr);
  EXPECT_TRUE(Value().is_null());
  EXPECT_FALSE(Value(false).is_null());
}

}  // namespace
}  // namespace atelier::cel
