#include "atelier/kube/decode.h"

#include <gtest/gtest.h>

#include "atelier/kube/frame.h"

namespace atelier::kube {
namespace {

class Decode : public ::testing::Test {
 protected:
  // `text` is kept with padding, as the framer would.
  Result<WatchEvent> event(std::string text) {
    text_ = std::move(text);
    text_.reserve(text_.size() + kPadding);
    return parser_.event(text_);
  }
  struct Item {
    Identity identity;
    std::string object;
  };
  Result<ListMeta> list(std::string body) {
    items_.clear();
    return parser_.list(body, [this](const Identity& identity, std::string_view object) {
      items_.push_back({identity, std::string(object)});
    });
  }

  EnvelopeParser parser_;
  std::string text_;
  std::vector<Item> items_;
};

const std::string kPod =
    R"({"kind":"Pod","metadata":{"name":"p","namespace":"a","uid":"u","resourceVersion":"12","labels":{"name":"no"}},)"
    R"("spec":{"x":[1,{"metadata":{"name":"inner"}},"}"]}})";

TEST_F(Decode, ReadsTheIdentityOfAnEventAndSlicesItsObject) {
  const auto read = event(R"({"type":"ADDED","object":)" + kPod + "}");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read.value().type, EventType::added);
  EXPECT_EQ(read.value().identity.key, (ObjectKey{"a", "p"}));
  EXPECT_EQ(read.value().identity.uid.value, "u");
  EXPECT_EQ(read.value().identity.resource_version, "12");
  EXPECT_EQ(read.value().object, kPod);
}

TEST_F(Decode, ReadsEventsWhoseFieldsComeInAnyOrderWithSpaces) {
  const auto read = event(
      "{ \"object\" : { \"spec\":{}, \"metadata\":{\"uid\":\"u\",\"resourceVersion\":\"1\",\"name\":\"n\"} } , "
      "\"type\" : \"DELETED\" } ");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read.value().type, EventType::deleted);
  EXPECT_EQ(read.value().identity.key, (ObjectKey{"", "n"}));
  EXPECT_TRUE(read.value().object.starts_with("{ \"spec\"") && read.value().object.ends_with("} }"));
}

TEST_F(Decode, ReadsABookmark) {
  const auto read = event(R"({"type":"BOOKMARK","object":{"kind":"Pod","metadata":{"resourceVersion":"99"}}})");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read.value().type, EventType::bookmark);
  EXPECT_EQ(read.value().identity.resource_version, "99");
}

TEST_F(Decode, KnowsTheBookmarkThatEndsAStreamedList) {
  const auto annotated = [this](const std::string& type, const std::string& annotations) {
    const auto read =
        event(R"({"type":")" + type + R"(","object":{"metadata":{"name":"n","uid":"u","resourceVersion":"9",)" +
              R"("annotations":)" + annotations + "}}}");
    return read && read.value().initial_events_end;
  };
  EXPECT_TRUE(annotated("BOOKMARK", R"({"k8s.io/initial-events-end":"true"})"));
  EXPECT_TRUE(event(R"({"object":{"metadata":{"annotations":{"k8s.io/initial-events-end":"true"},)"
                    R"("resourceVersion":"9"}},"type":"BOOKMARK"})")
                  .value()
                  .initial_events_end);
  EXPECT_FALSE(annotated("BOOKMARK", R"({"k8s.io/initial-events-end":"false"})"));
  EXPECT_FALSE(annotated("BOOKMARK", R"({"other":"true"})"));
  EXPECT_FALSE(annotated("BOOKMARK", "null"));
  EXPECT_FALSE(annotated("ADDED", R"({"k8s.io/initial-events-end":"true"})")) << "anyone may annotate an object";
}

TEST_F(Decode, RefusesAnnotationsThatBeginLikeNull) {
  for (const char* annotations : {"nul", "nothing", "n"}) {
    EXPECT_FALSE(
        event(R"({"type":"ADDED","object":{"metadata":{"name":"n","uid":"u","resourceVersion":"9","annotations":)" +
              std::string(annotations) + "}}}"))
        << annotations;
  }
}

TEST_F(Decode, ReadsAnErrorWhoseObjectIsAStatus) {
  const auto read = event(R"({"type":"ERROR","object":{"kind":"Status","metadata":{},"code":410,"reason":"Expired"}})");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read.value().type, EventType::error);
  EXPECT_EQ(read.value().object, R"({"kind":"Status","metadata":{},"code":410,"reason":"Expired"})");
}

TEST_F(Decode, RefusesWhatIsNoCompleteEvent) {
  for (const std::string& text :
       {std::string{"{}"}, std::string{"[]"}, std::string{"nonsense"}, std::string{R"({"type":"ADDED"})"},
        R"({"type":"STRANGE","object":)" + kPod + "}", R"({"type":"ADDED","object":)" + kPod,
        R"({"type":"ADDED","object":)" + kPod + "}{}", R"({"type":"ADDED","object":)" + kPod + "} x",
        std::string{R"({"type":"ADDED","object":{"metadata":{"name":"n","uid":"u"}}})"},
        std::string{R"({"type":"ADDED","object":{"metadata":{"name":"n","resourceVersion":"1"}}})"},
        std::string{R"({"type":"ADDED","object":{"metadata":{"name":7,"uid":"u","resourceVersion":"1"}}})"}}) {
    const auto read = event(text);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().code, Errc::invalid);
  }
}

TEST_F(Decode, RefusesEveryTruncationOfAnEvent) {
  const std::string whole = R"({"type":"ADDED","object":)" + kPod + "}";
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(event(whole.substr(0, size))) << whole.substr(0, size);
  }
}

TEST_F(Decode, StreamsTheItemsOfAList) {
  const auto meta = list(R"({"kind":"PodList","metadata":{"resourceVersion":"50","continue":"c"},"items":[)" + kPod +
                         "," + kPod + "]}");
  ASSERT_TRUE(meta) << meta.error().message;
  EXPECT_EQ(meta.value().resource_version, "50");
  EXPECT_EQ(meta.value().continue_token, "c");
  ASSERT_EQ(items_.size(), 2U);
  EXPECT_EQ(items_[1].identity.key.name, "p");
  EXPECT_EQ(items_[1].object, kPod);
}

TEST_F(Decode, ReadsListsWithoutItemsAndWithItemsFirst) {
  EXPECT_TRUE(list(R"({"metadata":{"resourceVersion":"5"},"items":[]})"));
  EXPECT_TRUE(list(R"({"metadata":{"resourceVersion":"5"},"items":null})"));
  EXPECT_TRUE(list(R"({"items":[)" + kPod + R"(],"metadata":{"resourceVersion":"5"}})"));
  EXPECT_EQ(items_.size(), 1U);
}

TEST_F(Decode, RefusesItemsThatOnlyBeginLikeNull) {
  EXPECT_FALSE(list(R"({"metadata":{"resourceVersion":"5"},"items":n!ll})"));
  EXPECT_FALSE(list(R"({"metadata":{"resourceVersion":"5"},"items":nu})"));
}

TEST_F(Decode, RefusesEveryTruncationOfAList) {
  const std::string whole = R"({"metadata":{"resourceVersion":"50"},"items":[)" + kPod + "," + kPod + "]}";
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(list(whole.substr(0, size))) << whole.substr(0, size);
  }
  EXPECT_FALSE(list(whole + "}"));
}

}  // namespace
}  // namespace atelier::kube
