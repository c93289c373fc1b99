#include "registry/token.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace atelier::registry {
namespace {

using nlohmann::json;

constexpr std::size_t kLongestBody = 65'536;
constexpr std::size_t kLongestToken = 16'384;
constexpr std::int64_t kUsualSeconds = 60;
constexpr std::int64_t kMostSeconds = 3'600;

// It becomes a header's value.
bool is_token(const std::string& text) {
  return !text.empty() && text.size() <= kLongestToken &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

}  // namespace

Result<Token> token_in(const std::string& body) {
  const Error unreadable = invalid("its token cannot be read");
  if (body.size() > kLongestBody) return unreadable;
  const json document = json::parse(body, nullptr, false);
  if (!document.is_object()) return unreadable;
  Token token;
  for (const char* member : {"token", "access_token"}) {
    const auto at = document.find(member);
    if (at != document.end() && at->is_string() && token.value.empty()) token.value = at->get<std::string>();
  }
  if (!is_token(token.value)) return unreadable;
  std::int64_t seconds = kUsualSeconds;
  if (const auto at = document.find("expires_in"); at != document.end() && at->is_number()) {
    if (!at->is_number_integer()) return unreadable;
    seconds =
        at->is_number_unsigned() && at->get<std::uint64_t>() > kMostSeconds ? kMostSeconds : at->get<std::int64_t>();
  }
  token.lifetime = std::chrono::seconds{std::clamp<std::int64_t>(seconds, 0, kMostSeconds)};
  return token;
}

}  // namespace atelier::registry
