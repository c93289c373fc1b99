#include "atelier/yaml/write.h"

#include <gtest/gtest.h>

#include "atelier/yaml/document.h"

namespace atelier::yaml {
namespace {

using nlohmann::json;

json again(const json& value) {
  const auto documents = parse(write(json{{"value", value}}));
  return documents && documents.value().size() == 1 ? documents.value().front().value["value"] : json("no YAML");
}

TEST(WriteYaml, IsBlocksWithTheNameFirst) {
  const json value = {{"env", {{{"value", "1"}, {"name", "A"}}}}, {"none", json::array()}, {"args", {"-c", "a b"}}};
  EXPECT_EQ(write(value), "args:\n  - \"-c\"\n  - \"a b\"\nenv:\n  - name: A\n    value: \"1\"\nnone: []\n");
}

TEST(WriteYaml, QuotesWhatCouldBeAnythingElse) {
  for (const char* text : {"",
                           "yes",
                           "No",
                           "on",
                           "y",
                           "null",
                           "~",
                           "1",
                           "1.0",
                           "0x1f",
                           "1e3",
                           "-",
                           "- a",
                           "a: b",
                           "a #b",
                           "#",
                           "*",
                           "**",
                           "&a",
                           "!a",
                           "{a}",
                           "[a]",
                           "|",
                           ">",
                           "%",
                           "@",
                           "`",
                           "'",
                           "\"",
                           "\\",
                           " a",
                           "a ",
                           "a\nb",
                           "a\n",
                           "\t",
                           "2026-11-21",
                           "12:30",
                           ".inf",
                           "=",
                           "<<",
                           "---",
                           "\x7f",
                           "\xC2\x85",
                           "\xE2\x80\xA8",
                           "\xEF\xBB\xBF",
                           "\xC3\xBC",
                           "${workspace}",
                           "True",
                           "NULL"}) {
    EXPECT_EQ(write(text).front(), '"') << text;
    EXPECT_EQ(again(text), text);
    EXPECT_EQ(again(json{{text, {text}}}), (json{{text, {text}}})) << "also as a name";
  }
}

TEST(WriteYaml, LeavesPlainTextsPlain) {
  for (const char* text : {"registry.local/ws-boilerplate", "/storage", "IfNotPresent", "noon", "ws_1"}) {
    EXPECT_EQ(write(text), std::string(text) + "\n");
    EXPECT_EQ(again(text), text);
  }
}

TEST(WriteYaml, ReadsBackAsItWas) {
  const json value = {{"a", {{"b", {1, -2, true, nullptr, 1.5}}, {"c", json::object()}}},
                      {"d", {{{"name", {{"x", "y"}}}, {"e", {{"f", {{"g"}, {"h", "i"}}}}}}}}};
  EXPECT_EQ(again(value), value);
  EXPECT_EQ(again(json::object()), json::object());
}

}  // namespace
}  // namespace atelier::yaml
