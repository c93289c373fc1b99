#include "cli/printable.h"

#include <gtest/gtest.h>

namespace atelier::cli {
namespace {

TEST(Printable, LeavesTextsOfAllScriptsAlone) {
  EXPECT_EQ(printable("Straße 東京 🚀 a\\b"), "Straße 東京 🚀 a\\b");
  EXPECT_EQ(printable(""), "");
}

TEST(Printable, EscapesWhatMovesACursorOrSetsATitle) {
  EXPECT_EQ(printable("\x1b[2J\x1b]0;owned\a"), "\\x1b[2J\\x1b]0;owned\\x07");
  EXPECT_EQ(printable("a\nb\rc\td\x7f"), "a\\nb\\rc\\td\\x7f");
  EXPECT_EQ(printable(std::string_view("\0", 1)), "\\x00");
}

TEST(Printable, EscapesTheSameInC1AndWhatTurnsTheDirection) {
  EXPECT_EQ(printable("\xc2\x9b"
                      "31m"),
            "\\u009b31m")
      << "CSI as one character";
  EXPECT_EQ(printable("\xe2\x80\xae"
                      "txt"),
            "\\u202etxt");
  EXPECT_EQ(printable("\xe2\x81\xa6"), "\\u2066");
  EXPECT_EQ(printable("\xd8\x9c\xe2\x80\x8e\xe2\x80\x8f"), "\\u061c\\u200e\\u200f");
  EXPECT_EQ(printable("\xe2\x80\xa8"), "\\u2028");
}

TEST(Printable, EscapesBytesThatAreNoUtf8) {
  EXPECT_EQ(printable("\xff\xfe"), "\\xff\\xfe");
  EXPECT_EQ(printable("\xc0\x9b"), "\\xc0\\x9b") << "overlong";
  EXPECT_EQ(printable("\xed\xa0\x80"), "\\xed\\xa0\\x80") << "a surrogate";
  EXPECT_EQ(printable("\x9b"
                      "31m"),
            "\\x9b31m")
      << "CSI of an 8-bit terminal";
  EXPECT_EQ(printable("\xe2\x80"), "\\xe2\\x80") << "cut off";
  EXPECT_EQ(printable("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80") << "beyond Unicode";
}

TEST(Printable, KeepsLinesWhereTheyAreLines) { EXPECT_EQ(printable_lines("a\n\tb\r\x1b"), "a\n\tb\\r\\x1b"); }

TEST(Printable, LeavesTheColoursOfToolsOutOfTheirOutput) {
  EXPECT_EQ(printable_output("\x1b[1;31mERROR\x1b[0m\tno\x1b[2K"), "ERROR\tno\\x1b[2K");
  EXPECT_EQ(printable_output("done\r"), "done");
  EXPECT_EQ(printable_output("10%\r20%"), "10%\\r20%");
  EXPECT_EQ(printable_output("\x1b[31"), "\\x1b[31");
}

TEST(Printable, KeepsADocumentOneThatCanBeRead) {
  EXPECT_EQ(printable_document("{\n \"a\": \"\xc2\x9b\x7f\xe2\x80\xae\"\n}"),
            "{\n \"a\": \"\\u009b\\u007f\\u202e\"\n}");
}

}  // namespace
}  // namespace atelier::cli
