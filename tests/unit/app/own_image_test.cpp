#include "app/own_image.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "support/fake_loop.h"
#include "support/scripted_port.h"

namespace atelier::app {
namespace {

using ::testing::HasSubstr;

class Halves final : public Random {
 public:
  std::uint64_t next() override { return 1ULL << 63; }
};

class OwnImageTest : public ::testing::Test {
 protected:
  testing::FakeLoop loop_;
  testing::ScriptedPort port_{loop_};
  Halves random_;
  std::optional<Result<std::string>> found_;
  OwnImage asking_{{"tools", "me"}, port_, loop_, random_, [this](Result<std::string> image) { found_ = image; }};
};

TEST_F(OwnImageTest, IsThatOfTheOperatorsContainerAndOfNoOther) {
  EXPECT_EQ(port_.line(0), "GET /api/v1/namespaces/tools/pods/me");
  port_.reply(0, 200,
              R"({"spec": {"containers": [{"name": "mesh", "image": "m:1"}, {"name": "operator", "image": "a:2"}]}})");
  loop_.run_ready();
  ASSERT_TRUE(found_ && *found_);
  EXPECT_EQ(found_->value(), "a:2");
}

TEST_F(OwnImageTest, IsAskedForAgainUntilThereIsAnAnswer) {
  port_.fail(0);
  loop_.advance(Millis{30'000});
  ASSERT_EQ(port_.count(), 2U);
  port_.reply(1, 403, R"({"kind": "Status", "message": "no", "reason": "Forbidden"})");
  loop_.advance(Millis{30'000});
  ASSERT_EQ(port_.count(), 3U);
  EXPECT_FALSE(found_);
  port_.reply(2, 200, R"({"spec": {"containers": [{"name": "operator", "image": "a:2"}]}})");
  loop_.advance(Millis{300'000});
  EXPECT_TRUE(found_ && *found_);
  EXPECT_EQ(port_.count(), 3U);
}

TEST_F(OwnImageTest, OfAPodWithoutSuchAContainerIsAnError) {
  for (const char* pod : {R"({"spec": {"containers": [{"name": "main", "image": "a:2"}]}})", R"({"spec": {}})",
                          R"({"spec": {"containers": [{"name": "operator", "image": 7}, 3]}})", "[]"}) {
    found_.reset();
    const OwnImage asking{
        {"tools", "me"}, port_, loop_, random_, [this](Result<std::string> image) { found_ = image; }};
    port_.reply(port_.count() - 1, 200, pod);
    loop_.run_ready();
    ASSERT_TRUE(found_ && !*found_) << pod;
    EXPECT_EQ(found_->error().code, Errc::invalid);
    EXPECT_THAT(found_->error().message, HasSubstr("tools/me has no container named \"operator\""));
  }
}

}  // namespace
}  // namespace atelier::app
