#include "atelier/kube/metered_port.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "atelier/kube/request.h"
#include "support/fake_loop.h"
#include "support/scrape.h"
#include "support/scripted_port.h"

namespace atelier::kube {
namespace {

struct Listener final : http::StreamHandler {
  void on_head(int status, const http::Headers&) override { trace += "head " + std::to_string(status) + " "; }
  void on_data(std::string_view text) override { trace += std::string(text) + " "; }
  void on_end(Result<void> result) override {
    trace += result ? "end" : "failed";
    call.reset();
  }

  std::string trace;
  std::unique_ptr<http::Call> call;
};

class MeteredPorts : public ::testing::Test {
 protected:
  // Answers after `took`, with `status`, or not at all if that is 0.
  void ask(http::Request request, int status, Millis took = Millis{0}) {
    bool answered = false;
    const auto call = port_.send(std::move(request), [&](const Result<http::Response>& response) {
      answered = true;
      EXPECT_EQ(response ? response.value().status : 0, status);
    });
    loop_.advance(took);
    status == 0 ? inner_.fail(inner_.count() - 1) : inner_.reply(inner_.count() - 1, status, "{}");
    loop_.run_ready();
    EXPECT_TRUE(answered);
  }
  std::string value(const std::string& series) { return testing::value_in(metrics_.scrape(), series); }
  std::string requests(const std::string& code, const std::string& method) {
    return value(R"(rest_client_requests_total{code=")" + code + R"(",host="api:6443",method=")" + method + R"("})");
  }
  std::string timed(const std::string& verb, const std::string& code, const std::string& part = "_count") {
    return value("atelier_request_duration_seconds" + part + R"({code=")" + code + R"(",verb=")" + verb + R"("})");
  }

  testing::FakeLoop loop_;
  testing::ScriptedPort inner_{loop_};
  Metrics metrics_;
  MeteredPort port_{inner_, "https://api:6443/base", loop_, metrics_};
};

TEST_F(MeteredPorts, CountRequestsByCodeMethodAndHost) {
  ask(get(kPods, {"a", "p"}), 200);
  ask(list(kPods, "a"), 200);
  ask(create(kPods, "a", nlohmann::json::object()), 409);
  ask(delete_(kPods, {"a", "p"}), 0);
  EXPECT_EQ(requests("200", "GET"), "2");
  EXPECT_EQ(requests("409", "POST"), "1");
  EXPECT_EQ(requests("<error>", "DELETE"), "1");
}

TEST_F(MeteredPorts, TimeRequestsByVerbAndCode) {
  ask(get(kPods, {"a", "p"}), 200, Millis{250});
  ask(get(kPods, {"a", "p"}), 404, Millis{2'000});
  ask(merge_patch(kPods, {"a", "p"}, nlohmann::json::object(), "status"), 200, Millis{40});
  EXPECT_EQ(timed("GET", "200", "_sum"), "0.25");
  EXPECT_EQ(timed("GET", "404", "_sum"), "2");
  EXPECT_EQ(timed("PATCH", "200", "_sum"), "0.04");
  EXPECT_EQ(value(R"(rest_client_request_duration_seconds_sum{host="api:6443",verb="GET"})"), "2.25");
}

TEST_F(MeteredPorts, TellAListFromAGetByItsPath) {
  for (const char* target : {"/api/v1/pods", "/api/v1/namespaces", "/api/v1/namespaces/a/pods?limit=500",
                             "/apis/apps/v1/deployments", "/apis/apps/v1/namespaces/a/deployments"}) {
    http::Request request;
    request.target = target;
    ask(request, 200);
  }
  EXPECT_EQ(timed("LIST", "200"), "5");
  for (const char* target :
       {"/api/v1/namespaces/a", "/api/v1/namespaces/a/status", "/api/v1/namespaces/a/pods/p",
        "/api/v1/namespaces/a/pods/p/log", "/apis/apps/v1/namespaces/a/deployments/d", "/api/v1/nodes/n/status",
        "/apis/g/v1/tenants/t", "/version", "/api", "/api/v1", "/apis/apps/v1", "/", "", "?x", "//"}) {
    http::Request request;
    request.target = target;
    ask(request, 200);
  }
  EXPECT_EQ(timed("LIST", "200"), "5");
  EXPECT_EQ(timed("GET", "200"), "15");
}

TEST_F(MeteredPorts, CountAWatchAtItsHead) {
  Listener listener;
  listener.call = port_.stream(watch(kPods, "a", {}), listener);
  loop_.advance(Millis{500});
  EXPECT_EQ(timed("WATCH", "200"), "");
  inner_.head(0, 200);
  inner_.data(0, "event");
  loop_.run_ready();
  EXPECT_EQ(timed("WATCH", "200", "_sum"), "0.5");
  loop_.advance(Millis{60'000});
  inner_.end(0, Error{Errc::transport, "reset"});
  loop_.run_ready();
  EXPECT_EQ(listener.trace, "head 200 event failed");
  EXPECT_EQ(timed("WATCH", "200"), "1");
  EXPECT_EQ(timed("WATCH", "<error>"), "") << "it was counted once";
  EXPECT_EQ(requests("200", "GET"), "1");
  EXPECT_EQ(value(R"(rest_client_request_duration_seconds_count{host="api:6443",verb="GET"})"), "");
}

TEST_F(MeteredPorts, CountAWatchThatHadNoHead) {
  Listener listener;
  listener.call = port_.stream(watch(kPods, "a", {}), listener);
  inner_.end(0, Error{Errc::transport, "refused"});
  loop_.run_ready();
  EXPECT_EQ(listener.trace, "failed");
  EXPECT_EQ(timed("WATCH", "<error>"), "1");
}

TEST_F(MeteredPorts, CancelWhatTheyPassOnAndDoNotCountIt) {
  Listener listener;
  listener.call = port_.stream(watch(kPods, "a", {}), listener);
  auto call = port_.send(get(kPods, {"a", "p"}), [](const Result<http::Response>&) { FAIL(); });
  listener.call.reset();
  call.reset();
  loop_.run_ready();
  EXPECT_TRUE(inner_.cancelled(0) && inner_.cancelled(1));
  EXPECT_EQ(metrics_.scrape(), "");
}

TEST_F(MeteredPorts, DoNotCountWhatNeverLeft) {
  bool ended = false;
  const auto call = port_.send(get(kPods, {"a", "p"}), [&](const Result<http::Response>&) { ended = true; });
  inner_.fail(0, "not the leader", Errc::cancelled);
  Listener listener;
  listener.call = port_.stream(watch(kPods, "a", {}), listener);
  inner_.end(1, Error{Errc::cancelled, "not the leader"});
  loop_.run_ready();
  EXPECT_TRUE(ended);
  EXPECT_EQ(listener.trace, "failed");
  EXPECT_EQ(metrics_.scrape(), "");
}

TEST_F(MeteredPorts, PassOnWhetherARequestMayBeSent) {
  http::Request request = get(kPods, {"a", "p"});
  request.may_send = [] { return false; };
  const auto call = port_.send(std::move(request), [](const Result<http::Response>&) {});
  EXPECT_FALSE(inner_.last().may_send());
}

TEST_F(MeteredPorts, MayEndBeforeTheirCalls) {
  auto port = std::make_unique<MeteredPort>(inner_, "api:6443", loop_, metrics_);
  Listener listener;
  listener.call = port->stream(watch(kPods, "a", {}), listener);
  const auto call = port->send(get(kPods, {"a", "p"}), [](const Result<http::Response>&) {});
  port.reset();
  inner_.head(0, 200);
  inner_.reply(1, 200, "{}");
  loop_.run_ready();
  EXPECT_EQ(requests("200", "GET"), "2");
}

}  // namespace
}  // namespace atelier::kube
