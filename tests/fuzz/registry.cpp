// What registries and token servers answer: never believed, always an answer that a status can tell.
#include "atelier/http/port.h"
#include "fuzz/property.h"
#include "registry/inquiry.h"
#include "registry/link.h"
#include "registry/realm.h"
#include "registry/tags.h"
#include "registry/token.h"
#include "registry/words.h"

namespace {

using namespace atelier;
using namespace atelier::registry;
using fuzz::holds;

bool is_plain(const std::string& text) {
  return text.find_first_of("\r\n\t ") == std::string::npos && text.find('\0') == std::string::npos;
}

void check(const Inquiry::Outgoing& outgoing) {
  holds(outgoing.to.host == "registry.local", "no other host is asked");
  holds(outgoing.to.tls, "nobody is asked without TLS");
  holds(outgoing.request.target.starts_with('/') && is_plain(outgoing.request.target), "a target is one of a request");
  for (const auto& [name, value] : outgoing.request.headers) {
    holds(value.find_first_of("\r\n") == std::string::npos, "a header is one line");
  }
}

void check(const Answer& answer) {
  if (answer) {
    holds(is_tag(answer.value().tag) && is_digest(answer.value().digest), "what is found is a tag and a digest");
    return;
  }
  const std::string& words = answer.error().message;
  holds(!words.empty() && words.size() <= 300, "a message is there and bounded");
  for (const char c : words) holds(c >= ' ' && c < '\x7f', "a message can be shown");
  holds(answer.error().retry_after >= Millis{0}, "one does not wait a negative time");
}

// An answer: a line with the status, lines with headers, an empty line, the body.
http::Response response_of(std::string_view text) {
  http::Response response;
  const auto line = [&text] {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view read = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return read;
  };
  for (const char c : line().substr(0, 3)) response.status = response.status * 10 + (c - '0');
  while (!text.empty()) {
    const std::string_view header = line();
    if (header.empty()) break;
    const std::size_t colon = std::min(header.find(':'), header.size());
    response.headers.emplace_back(header.substr(0, colon), header.substr(std::min(colon + 1, header.size())));
  }
  response.body = text;
  return response;
}

}  // namespace

// Answers, apart by a NUL, one after the other to a question with credentials.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text = fuzz::text_of(data, size);
  const Settings settings;
  Authorizations authorizations;
  Question question;
  question.credentials = Credentials{"ann", "secret"};
  question.choose = [](const std::vector<std::string>& tags) {
    return tags.empty() ? std::nullopt : std::optional(tags.front());
  };
  const SteadyTime now{std::chrono::hours{1}};
  Inquiry inquiry{{"registry.local", "team/app"}, question, settings, authorizations};
  Inquiry::Step step = inquiry.begin(now);
  for (int steps = 0; std::holds_alternative<Inquiry::Outgoing>(step); ++steps) {
    holds(steps < 1'000, "a poll ends");
    check(std::get<Inquiry::Outgoing>(step));
    const std::size_t end = std::min(text.find('\0'), text.size());
    step = inquiry.answered(response_of(text.substr(0, end)), now);
    if (end < text.size()) text.remove_prefix(end + 1);  // the last one is repeated
  }
  check(std::get<Answer>(step));
  return 0;
}
