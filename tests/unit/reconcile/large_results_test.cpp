#include "reconcile/large_results.h"

#include <gtest/gtest.h>

#include "atelier/base/digest.h"
#include "reconcile/stored_results.h"

namespace atelier::reconcile {
namespace {

using nlohmann::json;

const std::string kText = R"({"files":["a","b"],"note":"<&>"})";
const WallTime kNow{};

api::PipelineRun a_run(const std::string& name = "run-1") {
  api::PipelineRun run;
  run.metadata.name = name;
  run.metadata.ns = "team-a";
  run.metadata.uid = Uid{name + "-uid"};
  run.spec.pipeline.name = "daily";
  return run;
}

struct Fetching : ::testing::Test {
  LargeResults large;
  api::PipelineRun run = a_run();
  engine::FetchResults action{"pod-1", {"list", engine::kNoItem, 1}, sha256_hex(kText), true};

  kube::Write next() {
    kube::Plan plan;
    large.fetch(plan, action, run);
    return plan.writes.at(0);
  }
  LargeResults::News answer(const kube::Write& write, Result<json> answer) {
    kube::Feedback feedback;
    feedback.results.emplace(write.id, std::move(answer));
    return large.learn(feedback, kNow);
  }
  static json log(const std::string& text) { return json{{"results", text}}.dump() + "\n"; }
  static Error error(Errc code) { return {code, "words of the API"}; }
};

TEST_F(Fetching, IsReadStoredAndThenTold) {
  const kube::Write read = next();
  EXPECT_EQ(read.answer, kube::Answer::text);
  EXPECT_TRUE(read.request.target.starts_with("/api/v1/namespaces/team-a/pods/pod-1/log?container=atelier-results&"));
  EXPECT_TRUE(answer(read, log(kText)).texts.empty()) << "it is not stored yet";
  const kube::Write store = next();
  EXPECT_EQ(store.request.method, http::Method::post);
  const json object = json::parse(store.request.body);
  EXPECT_EQ(object["metadata"]["ownerReferences"][0]["uid"], "run-1-uid");
  EXPECT_EQ(stored_text(object, action.sha256).value(), kText);
  EXPECT_EQ(answer(store, object).texts, std::vector{kText});
}

TEST_F(Fetching, WhatNoTaskUsesIsNotStored) {
  action.store = false;
  EXPECT_EQ(answer(next(), log(kText)).texts, std::vector{kText});
}

TEST_F(Fetching, WhatIsThereAlreadyIsJoined) {
  answer(next(), log(kText));
  EXPECT_TRUE(answer(next(), error(Errc::already_exists)).texts.empty());
  const kube::Write join = next();
  EXPECT_EQ(join.request.method, http::Method::patch);
  EXPECT_EQ(json::parse(join.request.body)["metadata"]["ownerReferences"].size(), 1U);
  EXPECT_EQ(answer(join, json::object()).texts, std::vector{kText});
}

TEST_F(Fetching, WhatGoesBeforeItIsJoinedIsMadeAgain) {
  answer(next(), log(kText));
  answer(next(), error(Errc::already_exists));
  EXPECT_TRUE(answer(next(), error(Errc::not_found)).texts.empty());
  EXPECT_EQ(next().request.method, http::Method::post);
}

TEST_F(Fetching, AFailureIsToldWithItsWordsAndCounted) {
  auto news = answer(next(), error(Errc::transport));
  ASSERT_EQ(news.unread.size(), 1U);
  EXPECT_EQ(news.unread[0].message, "their log cannot be read: words of the API");
  EXPECT_EQ(news.unread[0].times, 1);
  news = answer(next(), error(Errc::forbidden));
  EXPECT_EQ(news.unread.at(0).times, 2);
  EXPECT_NE(news.unread[0].message.find("deploy/large-results.yaml"), std::string::npos);
  answer(next(), log(kText));
  EXPECT_EQ(answer(next(), error(Errc::forbidden)).unread.at(0).message, "they cannot be stored: words of the API");
}

TEST_F(Fetching, WhatIsNotWhatTheSidecarHandedOnIsNotTaken) {
  for (const json& other : {json("unable to retrieve container logs"), log(kText + " "), json(R"({"results":3})")}) {
    const auto news = answer(next(), other);
    EXPECT_TRUE(news.texts.empty());
    EXPECT_EQ(news.unread.at(0).message, "their log is not what the sidecar handed on") << other;
  }
}

TEST_F(Fetching, ALostAnswerIsAskedForAgain) {
  EXPECT_TRUE(large.learn({}, kNow).unread.empty());
  const kube::Write read = next();
  EXPECT_TRUE(answer(read, error(Errc::cancelled)).unread.empty());
  EXPECT_EQ(next().id, read.id);
}

// Of items, which the execution has and nobody reads.
struct StoringItems : Fetching {
  engine::StoreResults page{sha256_hex(kText), kText};

  kube::Write next_store() {
    kube::Plan plan;
    large.store(plan, page, run);
    return plan.writes.at(0);
  }
};

TEST_F(StoringItems, AreToldWhenTheyAreThere) {
  const kube::Write store = next_store();
  EXPECT_EQ(store.request.method, http::Method::post);
  const json object = json::parse(store.request.body);
  EXPECT_EQ(object["metadata"]["ownerReferences"][0]["uid"], "run-1-uid");
  EXPECT_EQ(stored_text(object, page.sha256).value(), kText);
  EXPECT_TRUE(large.learn({}, kNow).stored.empty());
  EXPECT_EQ(answer(store, object).stored, std::vector{kText});
  EXPECT_TRUE(answer(store, object).stored.empty()) << "once";
}

TEST_F(StoringItems, JoinWhatIsThereAndAreMadeAgainWhereThatGoes) {
  EXPECT_TRUE(answer(next_store(), error(Errc::already_exists)).stored.empty());
  const kube::Write join = next_store();
  EXPECT_EQ(join.request.method, http::Method::patch);
  EXPECT_TRUE(answer(join, error(Errc::not_found)).stored.empty());
  EXPECT_EQ(next_store().request.method, http::Method::post);
  answer(next_store(), error(Errc::already_exists));
  EXPECT_EQ(answer(next_store(), json::object()).stored, std::vector{kText});
}

TEST_F(StoringItems, ThatCannotBeAreCountedAndALostAnswerIsAskedForAgain) {
  const auto first = answer(next_store(), error(Errc::forbidden));
  ASSERT_TRUE(first.unstored);
  EXPECT_EQ(first.unstored->message, "they cannot be stored: words of the API");
  EXPECT_EQ(first.unstored->times, 1);
  EXPECT_FALSE(answer(next_store(), error(Errc::cancelled)).unstored);
  page.text = "another page, as more has ended";
  page.sha256 = sha256_hex(page.text);
  EXPECT_EQ(answer(next_store(), error(Errc::forbidden)).unstored->times, 2);
  EXPECT_EQ(answer(next_store(), json::object()).stored, std::vector{page.text});
  EXPECT_EQ(answer(next_store(), error(Errc::forbidden)).unstored->times, 1);
}

TEST_F(StoringItems, AnAnswerAboutAnotherPageIsNotTakenForThisOnes) {
  answer(next_store(), error(Errc::already_exists));
  page.text = "another";
  page.sha256 = sha256_hex(page.text);
  EXPECT_EQ(next_store().request.method, http::Method::post) << "that one was there, not this one";
}

TEST_F(Fetching, WhatIsStoredIsLoadedAndChecked) {
  kube::Plan plan;
  EXPECT_FALSE(large.load(plan, action.sha256, run).text);
  const kube::Write load = plan.writes.at(0);
  json object = json::parse(store_results("store", run, action.sha256, kText).request.body);
  answer(load, object);
  EXPECT_EQ(large.load(plan, action.sha256, run).text, kText);
  object["data"]["zstd"] = "AAAA";
  answer(load, object);
  EXPECT_EQ(large.load(plan, action.sha256, run).lost, "is not what the operator stored there");
  answer(load, error(Errc::not_found));
  EXPECT_EQ(large.load(plan, action.sha256, run).lost, "is gone");
  answer(load, error(Errc::transport));
  EXPECT_TRUE(large.load(plan, action.sha256, run).lost.empty()) << "it is asked for again";
}

// Two of them, of which one load fails: else each would be forgotten while the other is asked for again, without end.
TEST_F(Fetching, WhatIsLoadedIsKeptUntilAllIsThere) {
  const std::string other = sha256_hex("another");
  kube::Plan plan;
  large.load(plan, action.sha256, run);
  large.load(plan, other, run);
  const kube::Write stored = store_results("store", run, action.sha256, kText);
  kube::Feedback feedback;
  feedback.results.emplace(plan.writes.at(0).id, json::parse(stored.request.body));
  feedback.results.emplace(plan.writes.at(1).id, error(Errc::throttled));
  large.learn(feedback, kNow);
  kube::Plan again;
  EXPECT_EQ(large.load(again, action.sha256, run).text, kText);
  EXPECT_FALSE(large.load(again, other, run).text);
  ASSERT_EQ(again.writes.size(), 1U);
  EXPECT_EQ(again.writes[0].id, plan.writes[1].id);
  large.learn({}, kNow);
  EXPECT_EQ(large.load(again, action.sha256, run).text, kText) << "as long as the other is missing";
  large.forget_loaded();
  EXPECT_FALSE(large.load(again, action.sha256, run).text);
}

TEST_F(Fetching, ARunThatTakesOverJoinsFirst) {
  kube::Plan plan;
  large.join(plan, action.sha256, run);
  answer(plan.writes.at(0), error(Errc::transport));
  EXPECT_TRUE(large.joined().empty() && large.not_found().empty());
  answer(plan.writes.at(0), error(Errc::not_found));
  EXPECT_TRUE(large.not_found().contains(action.sha256));
  answer(plan.writes.at(0), json::object());
  EXPECT_TRUE(large.joined().contains(action.sha256));
}

TEST(StoredResults, RunsOfOnePipelineShareThem) {
  const std::string sha256 = sha256_hex(kText);
  EXPECT_EQ(stored_results_key(a_run("one"), sha256), stored_results_key(a_run("two"), sha256));
  api::PipelineRun other = a_run();
  other.spec.pipeline.name = "hourly";
  EXPECT_NE(stored_results_key(a_run(), sha256), stored_results_key(other, sha256));
}

TEST(StoredResults, TheLargestFit) {
  std::string text(api::kLargestResults, '<');
  for (std::size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>(' ' + (i * i * 7919 + i / 3) % 95);
  const kube::Write write = store_results("store", a_run(), sha256_hex(text), text);
  EXPECT_LT(write.request.body.size(), 1U << 20U) << "etcd takes 1.5 MiB";
  EXPECT_EQ(stored_text(json::parse(write.request.body), sha256_hex(text)).value(), text);
}

}  // namespace
}  // namespace atelier::reconcile
