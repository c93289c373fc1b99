#include "atelier/kube/frame.h"

#include <gtest/gtest.h>

#include <vector>

namespace atelier::kube {
namespace {

std::vector<std::string> lines(Framer& framer) {
  std::vector<std::string> all;
  while (const auto line = framer.next()) all.emplace_back(*line);
  return all;
}

using Lines = std::vector<std::string>;

TEST(Framer, ReassemblesLinesFromChunksCutAnywhere) {
  const std::string stream = "{\"a\":1}\n{\"b\":2}\n\n{\"c\":3}\n";
  for (std::size_t size = 1; size <= stream.size(); ++size) {
    Framer framer;
    Lines all;
    for (std::size_t at = 0; at < stream.size(); at += size) {
      framer.feed(stream.substr(at, size));
      for (auto& line : lines(framer)) all.push_back(std::move(line));
    }
    EXPECT_EQ(all, (Lines{"{\"a\":1}", "{\"b\":2}", "{\"c\":3}"})) << "in chunks of " << size;
  }
}

TEST(Framer, KeepsAnUnfinishedLineToItself) {
  Framer framer;
  framer.feed("{\"a\"");
  EXPECT_EQ(lines(framer), Lines{});
}

TEST(Framer, TakesSixteenMebibytesForALineAndNoMore) {
  const std::string longest(16'777'216, 'x');
  Framer framer;
  framer.feed(longest + "\n");
  EXPECT_TRUE(lines(framer) == Lines{longest}) << "too long to be shown";
  EXPECT_FALSE(framer.overflowed());
  framer.feed(longest + "x");
  EXPECT_EQ(lines(framer), Lines{});
  EXPECT_TRUE(framer.overflowed());
}

TEST(Framer, StopsAtALineThatIsTooLong) {
  Framer framer{8};
  framer.feed("12345678\n");
  EXPECT_EQ(lines(framer), Lines{"12345678"});
  framer.feed("123456789");
  EXPECT_EQ(lines(framer), Lines{});
  EXPECT_TRUE(framer.overflowed());
  framer.feed("\nok\n");
  EXPECT_EQ(lines(framer), Lines{});
}

TEST(Framer, StopsAtALongLineThatCameWhole) {
  Framer framer{8};
  framer.feed("ok\n123456789\nno\n");
  EXPECT_EQ(lines(framer), Lines{"ok"});
  EXPECT_TRUE(framer.overflowed());
}

TEST(Framer, LeavesReadableBytesBehindEveryLine) {
  Framer framer;
  framer.feed("x\n");
  const auto line = framer.next();
  int sum = 0;
  for (std::size_t i = 0; i < kPadding; ++i) sum += line->data()[line->size() + i] != 'q';
  EXPECT_GE(sum, 0);  // the sanitizer is the judge
}

}  // namespace
}  // namespace atelier::kube
