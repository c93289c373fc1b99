#include "atelier/kube/status_error.h"

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>

#include "atelier/base/text.h"
#include "atelier/http/retry_after.h"

namespace atelier::kube {
namespace {

using nlohmann::json;

constexpr std::size_t kLongestMessage = 2'000;
constexpr Millis kLongestWait{std::chrono::minutes{10}};

std::string text(const json& document, const char* field) {
  if (!document.is_object()) return {};
  const auto at = document.find(field);
  return at != document.end() && at->is_string() ? at->get<std::string>() : std::string{};
}

Millis retry_seconds(const json& status) {
  if (!status.is_object() || !status.contains("details") || !status["details"].is_object()) return Millis{0};
  const auto& details = status["details"];
  const auto at = details.find("retryAfterSeconds");
  if (at == details.end() || !at->is_number_unsigned()) return Millis{0};
  constexpr std::uint64_t kMost = std::chrono::duration_cast<std::chrono::seconds>(kLongestWait).count();
  return std::chrono::seconds{std::min(at->get<std::uint64_t>(), kMost)};
}

Errc code_of(int status, const std::string& reason, bool says_when) {
  if (status == 409 && reason == "AlreadyExists") return Errc::already_exists;
  if (reason == "Expired" || reason == "Gone") return Errc::gone;
  if (reason == "ServerTimeout" && says_when) return Errc::throttled;  // not performed, ask again
  switch (status) {
    case 400:
    case 405:
    case 406:
    case 413:
    case 415:
    case 422:
      return Errc::invalid;
    case 401:
      return Errc::unauthorized;
    case 403:
      return Errc::forbidden;
    case 404:
      return reason == "NotFound" ? Errc::not_found : Errc::server;
    case 408:
    case 504:
      return Errc::transport;
    case 409:
      return Errc::conflict;
    case 410:
      return Errc::gone;
    case 429:
      return Errc::throttled;
    case 503:
      return says_when ? Errc::throttled : Errc::server;
    default:
      return Errc::server;
  }
}

Error make_error(int http_status, const json& status, Millis wait) {
  wait = std::max(wait, retry_seconds(status));
  std::string message = text(status, "message");
  const std::string reason = text(status, "reason");
  if (message.empty()) message = "the API server answered " + std::to_string(http_status);
  if (http_status == 404 && reason.empty()) message += ", and not that an object is missing: does it serve this kind?";
  Error error{code_of(http_status, reason, wait.count() > 0), bounded(message, kLongestMessage)};
  error.http_status = http_status;
  error.retry_after = wait;
  return error;
}

}  // namespace

Error error_of(const http::Response& response) {
  const json status = json::parse(response.body, nullptr, false);
  return make_error(response.status, status, http::retry_after(response.headers, kLongestWait));
}

Error error_of_status(const json& status) {
  int code = 0;
  if (status.is_object() && status.contains("code") && status["code"].is_number_integer()) {
    code = status["code"].get<int>();
  }
  return make_error(code, status, Millis{0});
}

Result<json> answer_of(const Result<http::Response>& response) {
  if (!response) return response.error();
  const http::Response& answer = response.value();
  if (answer.status < 200 || answer.status > 299) return error_of(answer);
  if (answer.body.empty()) return json(nullptr);
  json document = json::parse(answer.body, nullptr, false);
  if (document.is_discarded()) {
    Error error{Errc::server, "the API server's answer is not JSON"};
    error.http_status = answer.status;
    return error;
  }
  return document;
}

}  // namespace atelier::kube
