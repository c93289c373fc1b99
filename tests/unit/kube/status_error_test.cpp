#include "atelier/kube/status_error.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace atelier::kube {
namespace {

http::Response answer(int status, std::string reason, http::Headers headers = {}) {
  http::Response response;
  response.status = status;
  response.headers = std::move(headers);
  response.body = nlohmann::json{{"kind", "Status"}, {"reason", reason}, {"message", "m"}, {"code", status}}.dump();
  return response;
}

TEST(StatusErrors, SayWhatTheCallerDoes) {
  EXPECT_EQ(error_of(answer(404, "NotFound")).code, Errc::not_found);
  EXPECT_EQ(error_of(answer(409, "AlreadyExists")).code, Errc::already_exists);
  EXPECT_EQ(error_of(answer(409, "Conflict")).code, Errc::conflict);
  EXPECT_EQ(error_of(answer(410, "Expired")).code, Errc::gone);
  EXPECT_EQ(error_of(answer(422, "Invalid")).code, Errc::invalid);
  EXPECT_EQ(error_of(answer(400, "BadRequest")).code, Errc::invalid);
  EXPECT_EQ(error_of(answer(401, "Unauthorized")).code, Errc::unauthorized);
  EXPECT_EQ(error_of(answer(403, "Forbidden")).code, Errc::forbidden);
  EXPECT_EQ(error_of(answer(429, "TooManyRequests")).code, Errc::throttled);
  EXPECT_EQ(error_of(answer(500, "InternalError")).code, Errc::server);
}

TEST(StatusErrors, TakeAGatewayTimeoutForMaybeApplied) {
  EXPECT_EQ(error_of(answer(504, "Timeout")).code, Errc::transport);
}

TEST(StatusErrors, TakeUnavailableForThrottledOnlyWithARetryAfter) {
  EXPECT_EQ(error_of(answer(503, "ServiceUnavailable")).code, Errc::server);
  const Error error = error_of(answer(503, "ServiceUnavailable", {{"retry-after", "7"}}));
  EXPECT_EQ(error.code, Errc::throttled);
  EXPECT_EQ(error.retry_after, std::chrono::seconds{7});
}

TEST(StatusErrors, WaitUntilADateAsTheServersClockGoes) {
  const auto wait = [](const std::string& until, const std::string& now) {
    return error_of(answer(503, "ServiceUnavailable", {{"date", now}, {"retry-after", until}})).retry_after;
  };
  EXPECT_EQ(wait("Thu, 01 Jan 2026 00:00:10 GMT", "Wed, 31 Dec 2025 23:59:50 GMT"), std::chrono::seconds{20});
  EXPECT_EQ(wait("Thu, 01 Jan 2026 00:00:10 GMT", "Thu, 01 Jan 2026 00:00:20 GMT"), Millis{0});
  EXPECT_EQ(wait("Thu, 01 Jan 2026 00:00:10 GMT", ""), Millis{0}) << "this machine's clock may be wrong";
  EXPECT_EQ(wait("Thu, 01 Foo 2026 00:00:10 GMT", "Thu, 01 Jan 2026 00:00:00 GMT"), Millis{0});
  EXPECT_EQ(wait("-7", "Thu, 01 Jan 2026 00:00:00 GMT"), Millis{0});
}

TEST(StatusErrors, ReadTheDelayFromTheStatusToo) {
  http::Response response = answer(500, "ServerTimeout");
  response.body = R"({"reason":"ServerTimeout","message":"m","details":{"retryAfterSeconds":3}})";
  EXPECT_EQ(error_of(response).code, Errc::throttled);
  EXPECT_EQ(error_of(response).retry_after, std::chrono::seconds{3});
}

TEST(StatusErrors, WaitNoLongerThanTenMinutesHoweverLongAServerAsks) {
  const auto header = [](const std::string& wait) {
    const http::Headers headers{{"retry-after", wait}, {"date", "Thu, 01 Jan 2026 00:00:00 GMT"}};
    return error_of(answer(429, "TooManyRequests", headers)).retry_after;
  };
  const auto field = [](std::uint64_t wait) {
    return error_of_status({{"code", 429}, {"details", {{"retryAfterSeconds", wait}}}}).retry_after;
  };
  EXPECT_EQ(header("599"), std::chrono::seconds{599});
  for (const char* wait : {"601", "86400", "99999999999999999999", "Fri, 02 Jan 2026 00:00:00 GMT"}) {
    EXPECT_EQ(header(wait), std::chrono::minutes{10}) << wait;
  }
  EXPECT_EQ(field(599), std::chrono::seconds{599});
  EXPECT_EQ(field(4'294'967'297), std::chrono::minutes{10}) << "2^32 + 1";
}

// What follows from "the object is gone" cannot be undone.
TEST(StatusErrors, TakeA404ForAnObjectThatIsGoneOnlyFromTheApiServer) {
  http::Response response;
  response.status = 404;
  for (const char* body : {"", "404 page not found\n", "<html>", R"({"message":"no route"})"}) {
    response.body = body;
    EXPECT_EQ(error_of(response).code, Errc::server) << body;
  }
  response.body = "404 page not found\n";
  EXPECT_EQ(error_of(response).message,
            "the API server answered 404, and not that an object is missing: does it serve this kind?");
}

TEST(StatusErrors, KeepTheServersMessageAndStatus) {
  const Error error = error_of(answer(403, "Forbidden"));
  EXPECT_EQ(error.message, "m");
  EXPECT_EQ(error.http_status, 403);
}

// It goes into a status again, and JSON takes no half characters.
TEST(StatusErrors, CutALongMessageAtTheEndOfACharacter) {
  std::string message = "x";
  while (message.size() < 3'000) message += "\xc3\xa4";
  const Error error = error_of_status({{"code", 403}, {"message", message}});
  EXPECT_LE(error.message.size(), 2'000U);
  EXPECT_NO_THROW(static_cast<void>(nlohmann::json(error.message).dump()));
}

TEST(StatusErrors, SurviveABodyThatIsNoStatus) {
  http::Response response;
  response.status = 502;
  response.body = "<html>";
  EXPECT_EQ(error_of(response).code, Errc::server);
  EXPECT_EQ(error_of(response).message, "the API server answered 502");
}

TEST(StatusErrors, ReadAWatchsErrorEvent) {
  const auto status = nlohmann::json::parse(R"({"code":410,"reason":"Expired","message":"too old"})");
  EXPECT_EQ(error_of_status(status).code, Errc::gone);
}

TEST(Answers, AreDocumentsOrErrors) {
  http::Response good;
  good.status = 201;
  good.body = R"({"a":1})";
  EXPECT_EQ(answer_of(good).value()["a"], 1);
  good.body.clear();
  EXPECT_TRUE(answer_of(good).value().is_null());
  good.body = "{";
  EXPECT_EQ(answer_of(good).error().code, Errc::server);
  EXPECT_EQ(answer_of(Error{Errc::transport, "reset"}).error().code, Errc::transport);
  EXPECT_EQ(answer_of(answer(404, "NotFound")).error().code, Errc::not_found);
}

}  // namespace
}  // namespace atelier::kube
