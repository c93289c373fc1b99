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

TEST(Template, KnowsItemsAndTheirIndex) {
  const auto parsed = parse_template("${item}${item.table-name}${index}");
  ASSERT_TRUE(parsed);
  const std::vector<Segment> expected = {
      {Segment::Kind::item, "", ""}, {Segment::Kind::item_field, "table-name", ""}, {Segment::Kind::index, "", ""}};
  EXPECT_EQ(parsed.value(), expected);
}

// The expressions of a text in brackets, and what is between them.
std::string expressions(std::string_view text) {
  const auto segments = parse_template(text);
  if (!segments) return segments.error().message;
  std::string out;
  for (const Segment& one : segments.value()) {
    out += one.kind == Segment::Kind::text         ? one.text
           : one.kind == Segment::Kind::expression ? "<" + one.text + ">"
                                                   : "?";
  }
  return out;
}

TEST(Template, WhatNoReferenceHasMakesAnExpression) {
  EXPECT_EQ(expressions("a ${int(params.n) * 2} b"), "a <int(params.n) * 2> b");
  EXPECT_EQ(expressions("${params.n}${ params.n }"), "?< params.n >");
  EXPECT_EQ(expressions("${params['n']}${(-params.n)}"), "<params['n']><(-params.n)>");
  EXPECT_EQ(expressions("${params.n-1}"), "?") << "a name may have a minus";
  EXPECT_EQ(expressions("$${1 + 2}"), "${1 + 2}");
}

TEST(Template, AnExpressionEndsAtItsOwnBrace) {
  EXPECT_EQ(expressions("${{'a': {'b': 1}}['a']['b']}}"), "<{'a': {'b': 1}}['a']['b']>}");
  EXPECT_EQ(expressions("${'}' + \"}\" + '''}'}'''}}"), "<'}' + \"}\" + '''}'}'''>}");
  EXPECT_EQ(expressions("${r'\\' + '\\'}'}}"), "<r'\\' + '\\'}'>}");
  EXPECT_EQ(expressions("${'$${params.day}'}"), "<'$${params.day}'>");
}

TEST(Template, AnExpressionThatIsNotClosedIsRefused) {
  EXPECT_EQ(expressions("${1 + 2"), "\"${1 + 2\" is not closed by \"}\"; write $${ for a literal ${");
  EXPECT_EQ(expressions("${ {'a': 1}"), "\"${ {'a': 1}\" is not closed by \"}\"; write $${ for a literal ${");
  EXPECT_EQ(expressions("${x + 'a}"),
            "\"${x + 'a}\" is no expression: column 5: this text has no end; it ends with ' on the same line, and with "
            "three quotes it may have lines; write $${ for a literal ${");
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
                           "${run.uid}", "${item.a.b}", "${index.a}", "${params.day", "${1.5}", "${#a}"}) {
    EXPECT_FALSE(parse_template(text)) << text;
  }
  EXPECT_NE(rendered("${day}").find("${params.NAME}"), std::string::npos);
}

}  // namespace
}  // namespace atelier::api
