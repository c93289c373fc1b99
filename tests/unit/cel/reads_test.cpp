#include <gtest/gtest.h>

#include "unit/cel/answers.h"

namespace atelier::cel {
namespace {

// "params.day tasks.extract.state", in order.
std::string reads(std::string_view source) {
  std::string text;
  for (const Expression::Path& path : Expression::compile(source, some_variables()).value().reads()) {
    text += text.empty() ? "" : " ";
    for (const std::string& name : path) text += (&name == &path.front() ? "" : ".") + name;
  }
  return text;
}

TEST(Reads, AreVariablesWithTheFieldsSelectedOfThem) {
  EXPECT_EQ(reads("params.day == 'x' || int(tasks.extract.results.rows) > params.n"),
            "params.day params.n tasks.extract.results.rows");
  EXPECT_EQ(reads("has(tasks.load.state) ? [unset] : {params.day: 'a'}.map(k, k)"),
            "params.day tasks.load.state unset");
  EXPECT_EQ(reads("any.list[params.n]"), "any.list params.n");
  EXPECT_EQ(reads("1 < 2"), "");
}

TEST(Reads, AreNotWhatAMacroCallsItsElements) {
  EXPECT_EQ(reads("[1].all(params, params > 0) && params.n > 0"), "params.n");
  EXPECT_EQ(reads("['a'].exists(x, x == params.day)"), "params.day");
  EXPECT_EQ(reads("any.list.exists(any, any == unset)"), "any.list unset");
}

// "path == text", in order.
std::string compared(std::string_view source) {
  std::string text;
  for (const auto& [path, with] : Expression::compile(source, some_variables()).value().comparisons()) {
    text += text.empty() ? "" : " ";
    for (const std::string& name : path) text += (&name == &path.front() ? "" : ".") + name;
    text += "==" + with;
  }
  return text;
}

TEST(Comparisons, AreOfWhatIsReadWithTextsThatAreWrittenOut) {
  EXPECT_EQ(compared("params.day == 'a' || 'b' != tasks.load.state"), "params.day==a tasks.load.state==b");
  EXPECT_EQ(compared("params.day in ['a', params.day, 'b'] ? unset == 'c' : false"),
            "params.day==a params.day==b unset==c");
  EXPECT_EQ(compared("[1].exists(x, params.day == 'a')"), "params.day==a");
  EXPECT_EQ(compared("params.day == unset || params.day + 'a' == 'b' || params.n == 1"), "");
  EXPECT_EQ(compared("params.day.startsWith('a') || params.day < 'b' || 'c' in any"), "");
}

// What was not there, or "" where it failed otherwise or not at all.
std::string absent(std::string_view source) {
  Expression::Paths paths;
  const auto value = Expression::compile(source, some_variables()).value().evaluate(some_bindings(), {}, &paths);
  if (value || value.error().code != Errc::not_found) return "";
  std::string text;
  for (const Expression::Path& path : paths) {
    text += text.empty() ? "" : " ";
    for (const std::string& name : path) text += (&name == &path.front() ? "" : ".") + name;
  }
  return text;
}

TEST(Absent, IsWhatAVariableDoesNotHold) {
  EXPECT_EQ(absent("tasks.load.results.rows == '1'"), "tasks.load.results.rows");
  EXPECT_EQ(absent("[1].exists(x, x == size(tasks.load.state))"), "tasks.load.state");
  EXPECT_EQ(absent("tasks.load.state == 'a' || 1 / 0 == 1"), "tasks.load.state");
  EXPECT_EQ(absent("any.list.exists(any, any.member == 1)"), "") << "1 has no members at all";
  EXPECT_EQ(absent("[any].exists(any, any.member == 1)"), "") << "a name that a macro gives is no variable";
  EXPECT_EQ(absent("1 / 0 == 1 || tasks.load.state == 'a'"), "");
  EXPECT_EQ(absent("has(tasks.load.state)"), "");
}

}  // namespace
}  // namespace atelier::cel
