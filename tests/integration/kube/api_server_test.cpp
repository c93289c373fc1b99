#include "atelier/kube/events.h"
#include "integration/kube/real_cluster.h"

namespace atelier::kube {
namespace {

using nlohmann::json;

class ApiServer : public testing::RealCluster {};

TEST_F(ApiServer, CreatesReadsPatchesAndDeletes) {
  const auto made = make_config_map("a", {{"x", "1"}});
  ASSERT_TRUE(made) << made.error().message;
  const std::string uid = made.value()["metadata"]["uid"];
  EXPECT_EQ(ask(get(kConfigMaps, key("a"))).value()["data"]["x"], "1");

  const auto merged = ask(merge_patch(kConfigMaps, key("a"), {{"data", {{"y", "2"}}}}));
  ASSERT_TRUE(merged) << merged.error().message;
  EXPECT_EQ(merged.value()["data"], json::parse(R"({"x":"1","y":"2"})"));
  const auto replaced =
      ask(json_patch(kConfigMaps, key("a"), json::parse(R"([{"op":"replace","path":"/data/x","value":"3"}])")));
  ASSERT_TRUE(replaced) << replaced.error().message;
  EXPECT_EQ(replaced.value()["data"]["x"], "3");
  const auto applied = ask(apply(kConfigMaps, key("a"), config_map(ns_, "a", {{"z", "4"}}), "test"));
  ASSERT_TRUE(applied) << applied.error().message;
  EXPECT_EQ(applied.value()["data"]["z"], "4");

  DeleteOptions options;
  options.uid = Uid{"someone-else"};
  EXPECT_EQ(ask(delete_(kConfigMaps, key("a"), options)).error().code, Errc::conflict);
  options.uid = Uid{uid};
  EXPECT_TRUE(ask(delete_(kConfigMaps, key("a"), options)));
  EXPECT_EQ(ask(get(kConfigMaps, key("a"))).error().code, Errc::not_found);
}

TEST_F(ApiServer, TellsAConflictFromANameThatIsTaken) {
  const auto made = make_config_map("a");
  ASSERT_TRUE(made);
  EXPECT_EQ(make_config_map("a").error().code, Errc::already_exists);
  ASSERT_TRUE(ask(merge_patch(kConfigMaps, key("a"), {{"data", {{"x", "1"}}}})));
  json outdated = made.value();
  outdated["data"]["x"] = "2";
  EXPECT_EQ(ask(update(kConfigMaps, key("a"), outdated)).error().code, Errc::conflict);
}

TEST_F(ApiServer, KeepsAPatchsPreconditions) {
  const auto made = make_config_map("a", {{"x", "1"}});
  ASSERT_TRUE(made);
  const std::string old = made.value()["metadata"]["resourceVersion"];
  const auto patch = [&](const std::string& version, const std::string& value) {
    return ask(
        merge_patch(kConfigMaps, key("a"), {{"metadata", {{"resourceVersion", version}}}, {"data", {{"x", value}}}}));
  };
  const auto patched = patch(old, "2");
  ASSERT_TRUE(patched) << patched.error().message;
  EXPECT_EQ(patch(old, "3").error().code, Errc::conflict);
  const auto tested = ask(json_patch(kConfigMaps, key("a"), json::parse(R"([
      {"op":"test","path":"/data/x","value":"1"}, {"op":"replace","path":"/data/x","value":"4"}])")));
  ASSERT_FALSE(tested);
  EXPECT_EQ(tested.error().code, Errc::invalid);
  DeleteOptions options;
  options.resource_version = old;
  EXPECT_EQ(ask(delete_(kConfigMaps, key("a"), options)).error().code, Errc::conflict);
  EXPECT_EQ(ask(get(kConfigMaps, key("a"))).value()["data"]["x"], "2");
}

TEST_F(ApiServer, RefusesWhatIsInvalidWithAMessage) {
  const auto refused = make_config_map("NOT A NAME");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::invalid);
  EXPECT_NE(refused.error().message.find("NOT A NAME"), std::string::npos);
  EXPECT_EQ(refused.error().http_status, 422);
}

TEST_F(ApiServer, GivesAListInPages) {
  for (const char* name : {"a", "b", "c", "d", "e"}) ASSERT_TRUE(make_config_map(name));
  std::size_t items = 0;
  int pages = 0;
  ListOptions options;
  options.limit = 2;
  do {
    const auto page = ask(list(kConfigMaps, ns_, options));
    ASSERT_TRUE(page) << page.error().message;
    EXPECT_LE(page.value()["items"].size(), 2U);
    items += page.value()["items"].size();
    options.continue_token = page.value()["metadata"].value("continue", "");
    ++pages;
  } while (!options.continue_token.empty());
  EXPECT_GE(items, 5U);
  EXPECT_GE(pages, 3);
}

TEST_F(ApiServer, AnswersManyRequestsAtOnce) {
  std::vector<std::unique_ptr<http::Call>> calls;
  int good = 0;
  for (int i = 0; i < 200; ++i) {
    calls.push_back(port_->send(get(kNamespaces, {"", ns_}),
                                [&](const Result<http::Response>& r) { good += r && r.value().status == 200; }));
  }
  EXPECT_TRUE(await([&] { return good == 200; }));
}

TEST_F(ApiServer, CountsAnEventOfTwoLeadersUnderOneName) {
  const auto object = make_config_map("a");
  ASSERT_TRUE(object);
  EventNote note;
  note.reason = "Tested";
  note.message = "an event of a test";
  note.involved = {"v1", "ConfigMap", key("a"), Uid{object.value()["metadata"]["uid"]}};
  for (const char* leader : {"first", "second"}) {
    EventRecorder::Options options;
    options.instance = leader;
    EventRecorder recorder{options, *port_, loop_, [] { return true; }};
    recorder.record(note);
    ASSERT_TRUE(await([&] { return recorder.queued() == 0; }));
    EXPECT_EQ(recorder.dropped(), 0U);
  }
  const auto events = ask(list(kEvents, ns_));
  ASSERT_EQ(events.value()["items"].size(), 1U);
  EXPECT_EQ(events.value()["items"][0]["message"], note.message);
  EXPECT_EQ(events.value()["items"][0]["count"], 2);
}

}  // namespace
}  // namespace atelier::kube
