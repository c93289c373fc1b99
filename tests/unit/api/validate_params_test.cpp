#include <gtest/gtest.h>

#include "unit/api/violations.h"

namespace atelier::api {
namespace {

using testing::words;

std::string declared(const Param& param) {
  PipelineSpec spec = testing::two_tasks();
  spec.params = {param};
  return words(validate(spec));
}

std::string given(const Param& param, const std::string& value) {
  PipelineSpec spec = testing::two_tasks();
  spec.params = {param};
  PipelineRunSpec run;
  run.params = {{param.name, value}};
  return words(validate_params(run, spec));
}

TEST(ValidateParams, ADefaultIsOfTheType) {
  EXPECT_EQ(declared({.name = "n", .type = "int", .default_value = "5"}), "");
  EXPECT_EQ(
      declared({.name = "n", .type = "int", .default_value = "5.0"}),
      "InvalidValue spec.params[0].default: is \"5.0\", should be an int: decimal digits alone, such as 42 or -1");
  EXPECT_EQ(declared({.name = "n", .type = "list", .default_value = "a,b"}),
            "InvalidValue spec.params[0].default: is \"a,b\", should be a list: JSON such as [\"a\",\"b\"]");
  EXPECT_EQ(declared({.name = "n", .default_value = "anything"}), "");
}

TEST(ValidateParams, ADefaultIsInTheEnum) {
  EXPECT_EQ(declared({.name = "n", .type = "int", .default_value = "2", .choices = {"1", "2"}}), "");
  EXPECT_EQ(declared({.name = "n", .type = "int", .default_value = "3", .choices = {"1", "2"}}),
            "InvalidValue spec.params[0].default: is \"3\", should be one of 1, 2");
}

TEST(ValidateParams, TheEnumsValuesAreOfTheTypeAndThereOnce) {
  EXPECT_EQ(declared({.name = "n", .type = "bool", .choices = {"true", "yes"}}),
            "InvalidValue spec.params[0].enum[1]: is \"yes\", should be a bool: true or false");
  EXPECT_EQ(declared({.name = "n", .choices = {"a", "b", "a"}}),
            "InvalidValue spec.params[0].enum[2]: \"a\" is there already; write each value once");
  EXPECT_EQ(declared({.name = "n", .type = "list", .choices = {"[1]", "[ 1 ]"}}),
            "InvalidValue spec.params[0].enum[1]: \"[ 1 ]\" is there already; write each value once");
  EXPECT_EQ(declared({.name = "n", .choices = {"[1]", "[ 1 ]"}}), "");
}

TEST(ValidateParams, AnEnumHasAtMostAHundredValues) {
  Param param{.name = "n", .type = "int"};
  for (int i = 0; i < 100; ++i) param.choices.push_back(std::to_string(i));
  EXPECT_EQ(declared(param), "");
  param.choices.emplace_back("100");
  EXPECT_EQ(declared(param), "InvalidValue spec.params[0].enum: has 101 values; at most 100 can be written there");
}

TEST(ValidateParams, ARunsValueIsOfTheTypeAndInTheEnum) {
  EXPECT_EQ(given({.name = "n", .type = "int"}, "5"), "");
  EXPECT_EQ(given({.name = "n", .type = "int"}, "five"),
            "InvalidValue spec.params[\"n\"]: is \"five\", should be an int: decimal digits alone, such as 42 or -1");
  EXPECT_EQ(given({.name = "n", .choices = {"eu", "us"}}, "eu"), "");
  EXPECT_EQ(given({.name = "n", .choices = {"eu", "us"}}, "EU"),
            "InvalidValue spec.params[\"n\"]: is \"EU\", should be one of eu, us");
  EXPECT_EQ(given({.name = "n", .type = "map", .choices = {R"({"a":1,"b":2})"}}, R"({"b": 2, "a": 1})"), "");
}

TEST(ValidateParams, TheValuesOfARunHaveALimitTogether) {
  PipelineSpec spec = testing::two_tasks();
  spec.params = {{.name = "a"}, {.name = "b"}};
  PipelineRunSpec run;
  const std::size_t besides = std::string(R"({"a":"","b":""})").size();
  run.params = {{"a", std::string(8'192, 'x')}, {"b", std::string(8'192 - besides, 'x')}};
  EXPECT_EQ(words(validate_params(run, spec)), "");
  run.params["b"] += "x";
  EXPECT_EQ(words(validate_params(run, spec)),
            "InvalidValue spec.params: have 16385 bytes together as JSON, should have at most 16384; put what is large "
            "into a file that tasks can read, and give its name");
}

}  // namespace
}  // namespace atelier::api
