#include "convert/image.h"

#include <gtest/gtest.h>

namespace atelier::convert {
namespace {

TEST(ImageReference, IsTakenApart) {
  EXPECT_EQ(parse_image("team"), (ImageReference{"team", "", ""}));
  EXPECT_EQ(parse_image("registry.local/team:1.0"), (ImageReference{"registry.local/team", "1.0", ""}));
  EXPECT_EQ(parse_image("localhost:5000/team"), (ImageReference{"localhost:5000/team", "", ""}));
  EXPECT_EQ(parse_image("localhost:5000/team:1"), (ImageReference{"localhost:5000/team", "1", ""}));
  EXPECT_EQ(parse_image("team@sha256:ab"), (ImageReference{"team", "", "sha256:ab"}));
  EXPECT_EQ(parse_image("team:1@sha256:ab"), (ImageReference{"team", "1", "sha256:ab"}));
}

}  // namespace
}  // namespace atelier::convert
