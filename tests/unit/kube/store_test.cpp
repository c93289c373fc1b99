#include "atelier/kube/store.h"

#include <gtest/gtest.h>

#include <sstream>

namespace atelier::kube {
namespace {

// The objects of these tests are plain words: "red", or "!" for one that cannot be decoded.
Result<std::shared_ptr<const std::string>> decode(std::string_view object) {
  if (object == "!") return invalid("cannot be decoded");
  return std::make_shared<const std::string>(object);
}

Identity identity(std::string name, std::string uid, std::string version) {
  return {{"ns", std::move(name)}, Uid{std::move(uid)}, std::move(version)};
}

class Stores : public ::testing::Test {
 protected:
  Stores() {
    store_.add_index("colour", [](const ObjectKey&, const std::string& value) { return std::vector{value}; });
    store_.on_change([this](const Change<std::string>& change) {
      trace_ += change.key.name + ":" + (change.before ? *change.before : "-") + ">" +
                (change.now ? *change.now : "-") + (change.initial ? "(initial) " : " ");
    });
  }
  void list(std::string version, std::vector<std::pair<Identity, std::string>> items) {
    store_.begin_list();
    for (const auto& [id, value] : items) store_.stage(id, value);
    store_.commit_list(version);
  }
  void apply(EventType type, Identity id, std::string_view value) {
    WatchEvent event;
    event.type = type;
    event.identity = std::move(id);
    event.object = value;
    store_.apply(event);
  }
  std::string trace() { return std::exchange(trace_, {}); }

  Store<std::string> store_{"words", decode};
  std::string trace_;
};

TEST_F(Stores, AreEmptyUntilTheWholeListIsIn) {
  EXPECT_FALSE(store_.synced());
  store_.begin_list();
  store_.stage(identity("a", "1", "1"), "red");
  EXPECT_EQ(store_.get({"ns", "a"}), nullptr);
  store_.commit_list("5");
  EXPECT_TRUE(store_.synced());
  EXPECT_EQ(*store_.get({"ns", "a"}), "red");
  EXPECT_EQ(store_.resource_version(), "5");
  EXPECT_EQ(trace(), "a:->red(initial) ");
}

TEST_F(Stores, FollowEvents) {
  list("5", {});
  apply(EventType::added, identity("a", "1", "6"), "red");
  apply(EventType::modified, identity("a", "1", "7"), "blue");
  apply(EventType::deleted, identity("a", "1", "8"), "blue");
  EXPECT_EQ(trace(), "a:->red a:red>blue a:blue>- ");
  EXPECT_EQ(store_.resource_version(), "8");
  EXPECT_EQ(store_.size(), 0U);
}

TEST_F(Stores, SplitADeleteAndRecreateThatHappenedUnseen) {
  list("5", {{identity("a", "1", "3"), "red"}});
  trace();
  apply(EventType::modified, identity("a", "2", "9"), "blue");
  EXPECT_EQ(trace(), "a:red>- a:->blue ");
  list("20", {{identity("a", "3", "12"), "green"}});
  EXPECT_EQ(trace(), "a:blue>- a:->green ");
}

TEST_F(Stores, FindDeletesThatWereMissedAtTheNextList) {
  list("5", {{identity("a", "1", "3"), "red"}, {identity("b", "2", "4"), "blue"}});
  trace();
  list("9", {{identity("b", "2", "4"), "blue"}});
  EXPECT_EQ(trace(), "a:red>- ");
}

TEST_F(Stores, SayNothingAboutObjectsThatDidNotChange) {
  list("5", {{identity("a", "1", "3"), "red"}});
  trace();
  list("9", {{identity("a", "1", "3"), "red"}});
  EXPECT_EQ(trace(), "");
  EXPECT_EQ(store_.resource_version(), "9");
}

TEST_F(Stores, TellEverythingAgainWhenAsked) {
  list("5", {{identity("a", "1", "3"), "red"}});
  apply(EventType::added, identity("b", "2", "6"), "blue");
  trace();
  store_.tell_all();
  EXPECT_EQ(trace(), "a:->red(initial) b:->blue(initial) ");
}

TEST_F(Stores, IterateInTheOrderOfKeys) {
  list("5", {{identity("b", "1", "1"), "x"}, {identity("a", "2", "2"), "y"}});
  std::string names;
  store_.each([&](const ObjectKey& key, const auto&) { names += key.name; });
  EXPECT_EQ(names, "ab");
}

TEST_F(Stores, KeepTheirIndexesInStep) {
  list("5", {{identity("a", "1", "1"), "red"}, {identity("b", "2", "2"), "red"}});
  EXPECT_EQ(store_.keys_of("colour", "red").size(), 2U);
  apply(EventType::modified, identity("a", "1", "6"), "blue");
  EXPECT_EQ(store_.keys_of("colour", "red"), (std::vector<ObjectKey>{{"ns", "b"}}));
  EXPECT_EQ(store_.keys_of("colour", "blue"), (std::vector<ObjectKey>{{"ns", "a"}}));
  apply(EventType::deleted, identity("a", "1", "7"), "blue");
  EXPECT_TRUE(store_.keys_of("colour", "blue").empty());
  EXPECT_TRUE(store_.keys_of("shape", "round").empty());
}

class DividedStores : public Stores {
 protected:
  DividedStores() { store_.divide({"a", "b"}); }
  static Identity in(std::string ns, std::string name, std::string version) {
    return {{ns, name}, Uid{ns + name}, std::move(version)};
  }
  void list(const std::string& ns, std::string version, std::vector<Identity> items) {
    store_.begin_list(ns);
    for (const Identity& id : items) store_.stage(id, id.key.ns);
    store_.commit_list(version, ns);
  }
};

TEST_F(DividedStores, AreSyncedWhenEachOfTheirNamespacesIsListed) {
  EXPECT_EQ(store_.unlisted(), (std::vector<std::string>{"words in a", "words in b"}));
  list("a", "5", {in("a", "x", "1")});
  EXPECT_FALSE(store_.synced());
  EXPECT_EQ(store_.unlisted(), std::vector<std::string>{"words in b"});
  list("b", "6", {in("b", "x", "2")});
  EXPECT_TRUE(store_.synced());
  EXPECT_EQ(trace(), "x:->a(initial) x:->b(initial) ");
}

TEST_F(DividedStores, KeepWhatIsOfAnotherNamespaceWhenOneIsListedAgain) {
  list("a", "5", {in("a", "x", "1"), in("a", "y", "2")});
  list("b", "6", {in("b", "x", "3")});
  list("a", "7", {in("a", "y", "2")});
  EXPECT_EQ(store_.get({"a", "x"}), nullptr);
  EXPECT_NE(store_.get({"a", "y"}), nullptr);
  EXPECT_NE(store_.get({"b", "x"}), nullptr);
  EXPECT_EQ(store_.size(), 2U);
}

TEST_F(DividedStores, KeepApartWhatTwoListsStageAtATime) {
  store_.begin_list("a");
  store_.stage(in("a", "x", "1"), "red");
  store_.begin_list("b");
  store_.stage(in("b", "x", "2"), "blue");
  store_.begin_list("b");  // its snapshot was gone: from the start
  store_.commit_list("5", "a");
  EXPECT_EQ(*store_.get({"a", "x"}), "red");
  EXPECT_EQ(store_.get({"b", "x"}), nullptr);
  store_.commit_list("6", "b");
  EXPECT_EQ(store_.size(), 1U);
}

TEST_F(DividedStores, AreAsFarAsTheNamespaceThatIsAskedAbout) {
  list("a", "5", {});
  list("b", "9", {});
  EXPECT_FALSE(store_.includes("7", "a")) << "the other's version is none of its own";
  EXPECT_TRUE(store_.includes("7", "b"));
  WatchEvent bookmark;
  bookmark.type = EventType::bookmark;
  bookmark.identity.resource_version = "7";
  store_.apply(bookmark, "a");
  EXPECT_TRUE(store_.includes("7", "a"));
  EXPECT_EQ(store_.resource_version("b"), "9");
  EXPECT_TRUE(store_.includes("99", "c")) << "nobody watches it, so nothing waits for it";
}

TEST_F(Stores, ShowHandlersTheStateAfterTheChange) {
  list("5", {});
  std::size_t seen = 99;
  std::string version;
  store_.on_change([&](const Change<std::string>&) {
    seen = store_.keys_of("colour", "red").size();
    version = store_.resource_version();
  });
  apply(EventType::added, identity("a", "1", "6"), "red");
  EXPECT_EQ(seen, 1U);
  EXPECT_EQ(version, "6");
}

TEST_F(Stores, KeepTheLastGoodStateOfAnObjectThatCannotBeDecoded) {
  list("5", {{identity("a", "1", "3"), "red"}, {identity("b", "2", "4"), "!"}});
  apply(EventType::modified, identity("a", "1", "6"), "!");
  EXPECT_EQ(*store_.get({"ns", "a"}), "red");
  EXPECT_EQ(store_.get({"ns", "b"}), nullptr);
  list("9", {{identity("a", "1", "8"), "!"}});
  EXPECT_EQ(*store_.get({"ns", "a"}), "red");
}

TEST_F(Stores, AdvanceByBookmarks) {
  list("5", {});
  int progress = 0;
  store_.on_progress([&] { ++progress; });
  apply(EventType::bookmark, identity("", "", "77"), "");
  EXPECT_EQ(store_.resource_version(), "77");
  EXPECT_EQ(progress, 1);
  EXPECT_TRUE(store_.includes("77"));
  EXPECT_TRUE(store_.includes("9"));
  EXPECT_FALSE(store_.includes("100"));
}

TEST_F(Stores, LeaveSnapshotsAlone) {
  list("5", {{identity("a", "1", "3"), "red"}});
  const auto snapshot = store_.get({"ns", "a"});
  apply(EventType::deleted, identity("a", "1", "6"), "red");
  EXPECT_EQ(*snapshot, "red");
}

TEST_F(Stores, GiveTheObjectsOfAnIndexInTheOrderOfTheirKeys) {
  list("5", {{identity("b", "2", "2"), "red"}, {identity("a", "1", "1"), "red"}, {identity("c", "3", "3"), "red"}});
  apply(EventType::modified, identity("c", "3", "6"), "red");
  EXPECT_EQ(store_.keys_of("colour", "red"), (std::vector<ObjectKey>{{"ns", "a"}, {"ns", "b"}, {"ns", "c"}}));
  EXPECT_EQ(store_.objects_of("colour", "red").size(), 3U);
  apply(EventType::deleted, identity("b", "2", "7"), "red");
  EXPECT_EQ(store_.keys_of("colour", "red"), (std::vector<ObjectKey>{{"ns", "a"}, {"ns", "c"}}));
}

// A kind that carries its identity: "name uid version colour".
struct Ball {
  std::string name, uid, version, colour;
};
IdentityView identity_of(const Ball& ball) { return {{"ns", ball.name}, ball.uid, ball.version}; }

TEST(StoresOfValuesThatKnowTheirIdentity, KeepItOnce) {
  Store<Ball> store{"balls", [](std::string_view text) -> Result<std::shared_ptr<const Ball>> {
                      std::istringstream words{std::string(text)};
                      Ball ball;
                      words >> ball.name >> ball.uid >> ball.version >> ball.colour;
                      if (ball.colour.empty()) return invalid("no colour");
                      return std::make_shared<const Ball>(std::move(ball));
                    }};
  store.add_index("colour", [](const ObjectKey&, const Ball& ball) { return std::vector{ball.colour}; });
  std::string trace;
  store.on_change([&](const Change<Ball>& change) {
    trace += change.key.name + (change.before ? " " + change.before->colour : "") + ">" +
             (change.now ? change.now->colour : "") + " ";
  });
  store.begin_list();
  store.stage(identity("a", "1", "1"), "a 1 1 red");
  store.stage(identity("b", "2", "2"), "b 2 2 red");
  store.commit_list("5");
  const auto put = [&](const Identity& id, std::string_view text) {
    WatchEvent event;
    event.type = EventType::modified;
    event.identity = id;
    event.object = text;
    store.apply(event);
  };
  put(identity("a", "1", "6"), "a 1 6 blue");
  put(identity("a", "1", "7"), "unreadable");
  EXPECT_EQ(store.get({"ns", "a"})->colour, "blue") << "better old than absent";
  EXPECT_EQ(store.keys_of("colour", "blue"), (std::vector<ObjectKey>{{"ns", "a"}}));
  EXPECT_EQ(store.version_of({"ns", "b"}), "2");
  put(identity("b", "3", "8"), "b 3 8 green");  // made again unseen
  EXPECT_EQ(trace, "a>red b>red a red>blue b red> b>green ");
}

}  // namespace
}  // namespace atelier::kube
