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

}  // namespace
}  // namespace atelier::cel
