// An answer of the API server outside 2xx, or of whatever stands between: an error that can be told and waited for.
#include "atelier/kube/status_error.h"

#include <charconv>

#include "fuzz/property.h"

namespace {

using namespace atelier;
using fuzz::holds;

void check(const Error& error) {
  holds(!error.message.empty() && error.message.size() <= 2'000, "a message is there and bounded");
  holds(fuzz::is_utf8(error.message), "a message can be told");
  holds(error.retry_after >= Millis{0}, "one does not wait a negative time");
  holds(error.code != Errc::throttled || error.http_status != 504, "a gateway's time-out may have been applied");
}

}  // namespace

// The first line is the status, a space and the Retry-After header; the rest is the body.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of(data, size);
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) return -1;
  const std::string_view head = text.substr(0, end);
  http::Response response;
  std::from_chars(head.data(), head.data() + head.size(), response.status);
  const std::size_t space = head.find(' ');
  if (space != std::string_view::npos) response.headers = {{"retry-after", std::string(head.substr(space + 1))}};
  response.body = text.substr(end + 1);
  check(kube::error_of(response));
  const auto answer = kube::answer_of(response);
  holds(bool(answer) || !answer.error().message.empty(), "an answer is a document or an error");
  const nlohmann::json status = nlohmann::json::parse(response.body, nullptr, false);
  if (!status.is_discarded()) check(kube::error_of_status(status));
  return 0;
}
