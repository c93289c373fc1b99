#include "atelier/api/template_text.h"

#include <gtest/gtest.h>

namespace atelier::api {
namespace {

std::string rendered(std::string_view text, const std::string& value = "V") {
  const auto segments = parse_template(text);
  return segments ? render_template(segments.value(), [&value](const Segment&) { return value; })
                  : segments.error().message;
}

TEST(Template, LeavesPlainTextAlone) {
  for (const char* text : {"", "plain", "$", "$$", "a $HOME b", "$(HOME)", "}", "{x}"}) EXPECT_EQ(rendered(text), text);
}

TEST(Template, KnowsFourKindsOfReferences) {
  const auto parsed = parse_template("${params.day}${tasks.extract.results.rows}${run.name}${run.namespace}");
  ASSERT_TRUE(parsed);
  const std::vector<Segment> expected = {{Segment::Kind::param, "day", ""},
                                         {Segment::Kind::task_result, "extract", "rows"},
                                         {Segment::Kind::run_name, "", ""},
                                         {Segment::Kind::run_namespace, "", ""}};
  EXPECT_EQ(parsed.value(), expected);
}

TEST(Template, ADoubledDollarMakesTheReferenceText) {
  EXPECT_EQ(rendered("$${params.day} ${params.day}"), "${params.day} V");
}

TEST(Template, WhatIsInsertedIsNotReadAgain) { EXPECT_EQ(rendered("<${params.day}>", "x{params.a}"), "<x{params.a}>"); }

TEST(Template, WhatIsInsertedIsShieldedFromTheKubelet) {
  EXPECT_EQ(rendered("$(HOME) ${params.day}", "$(HOME)"), "$(HOME) $$(HOME)");
  EXPECT_EQ(rendered("${params.day}(HOME)", "$"), "$$(HOME)");
}

TEST(Template, RefusesWhatIsNoReferenceAndSaysWhatWouldBe) {
  for (const char* text : {"${}", "${params}", "${params.}", "${params.a.b}", "${tasks.a.results}", "${day}",
                           "${run.uid}", "${params.a b}", "${params.day"}) {
    EXPECT_FALSE(parse_template(text)) << text;
  }
  EXPECT_NE(rendered("${day}").find("${params.NAME}"), std::string::npos);
}

}  // namespace
}  // namespace atelier::api
