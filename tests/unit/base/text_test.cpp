#include "atelier/base/text.h"

#include <gtest/gtest.h>

namespace atelier {
namespace {

TEST(Bounded, LeavesWhatFits) { EXPECT_EQ(bounded("twelve bytes", 12), "twelve bytes"); }

TEST(Bounded, MarksWhatItCut) { EXPECT_EQ(bounded("twelve bytes", 11), "twelve b..."); }

TEST(Bounded, NeverCutsACharacter) {
  EXPECT_EQ(bounded("a\xc3\xa4\xc3\xa4\xc3\xa4", 6), "a\xc3\xa4...");
  EXPECT_EQ(bounded("\xf0\x9f\x98\x80\xf0\x9f\x98\x80", 6), "...");
}

TEST(CutCharacter, IsLeftOutAndNothingElse) {
  for (const std::string whole : {"", "a", "a\xc3\xa4", "a\xe2\x82\xac", "a\xf0\x9f\x98\x80"}) {
    EXPECT_EQ(without_cut_character(whole), whole);
    for (const std::string cut : {"\xc3", "\xe2", "\xe2\x82", "\xf0", "\xf0\x9f", "\xf0\x9f\x98"}) {
      EXPECT_EQ(without_cut_character(whole + cut), whole);
    }
  }
}

TEST(SurroundingSpace, IsCutOnBothSidesAndKeptInside) {
  EXPECT_EQ(without_surrounding_space(" \t\r\na b\n "), "a b");
  EXPECT_EQ(without_surrounding_space(" \n"), "");
}

TEST(EndOfText, LeavesWhatFitsAndMarksWhatItCut) {
  EXPECT_EQ(end_of_text("twelve bytes", 12), "twelve bytes");
  EXPECT_EQ(end_of_text("twelve bytes", 11), "...ve bytes");
  EXPECT_EQ(end_of_text("\xc3\xa4\xc3\xa4\xc3\xa4", 5), "...\xc3\xa4");
  EXPECT_EQ(end_of_text("\xc3\xa4\xc3\xa4\xc3\xa4", 4), "...");
}

}  // namespace
}  // namespace atelier
