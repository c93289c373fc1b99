#include "reconcile/shared_text.h"

#include <gtest/gtest.h>

#include "reconcile/rare.h"

namespace atelier::reconcile {
namespace {

TEST(SharedTexts, OfTheSameWordsHaveOneCopy) {
  const SharedText one = "registry/image@sha256:1";
  const SharedText other = std::string("registry/image@sha256:1");
  EXPECT_EQ(&*one, &*other);
  EXPECT_EQ(one, other);
  EXPECT_FALSE(one == SharedText{"else"});
  EXPECT_EQ("of " + one + "!", "of registry/image@sha256:1!");
}

TEST(SharedTexts, LastAsLongAsSomethingPointsToThem) {
  SharedText kept;
  {
    const SharedText made = "a text that is longer than a small string";
    kept = made;
  }
  EXPECT_EQ(kept, "a text that is longer than a small string");
  const SharedText again = "a text that is longer than a small string";
  EXPECT_EQ(&*kept, &*again);
}

TEST(SharedTexts, AreEmptyLikeStrings) {
  SharedText text;
  EXPECT_TRUE(text.empty());
  EXPECT_EQ(text, "");
  EXPECT_EQ(text, SharedText{""});
  text = "x";
  const SharedText moved = std::move(text);
  EXPECT_EQ(moved, "x");
  text = "";
  EXPECT_TRUE(text->empty());
}

TEST(RareParts, ReadAsTheirDefaultsUntilTheyAreMade) {
  struct Part {
    int number = 7;
  };
  Rare<Part> rare;
  EXPECT_EQ(rare->number, 7);
  rare.make().number = 8;
  Rare<Part> copy = rare;
  copy.make().number = 9;
  EXPECT_EQ(rare->number, 8);
  EXPECT_EQ(copy->number, 9);
  rare = Rare<Part>{};
  EXPECT_EQ(rare->number, 7);
}

}  // namespace
}  // namespace atelier::reconcile
