#include "registry/origin.h"

#include <algorithm>
#include <charconv>

#include "registry/header_reader.h"

namespace atelier::registry {
namespace {

constexpr std::size_t kLongestUrl = 4'096;
constexpr std::size_t kLongestHost = 253;
constexpr std::string_view kNever = "\"#<>\\^`{|}";  // in a URL

bool is_alnum(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

// Labels of letters, digits and inner dashes.
bool is_name(std::string_view host) {
  if (host.empty() || host.size() > kLongestHost) return false;
  char before = '.';
  for (const char c : host) {
    if (!is_alnum(c) && c != '-' && c != '.') return false;
    if ((c == '.' || c == '-') && before == '.') return false;
    if (c == '.' && before == '-') return false;
    before = c;
  }
  return is_alnum(before);
}

bool is_bracketed(std::string_view host) {
  if (host.size() < 4 || host.front() != '[' || host.back() != ']') return false;
  host = host.substr(1, host.size() - 2);
  return std::all_of(host.begin(), host.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || c == ':' || c == '.'; });
}

}  // namespace

std::string Origin::authority() const { return port == (tls ? 443 : 80) ? host : host + ":" + std::to_string(port); }

std::string Origin::url() const { return (tls ? "https://" : "http://") + authority(); }

std::optional<Origin> parse_authority(std::string_view text, bool tls) {
  Origin origin{tls, lower_case(text), tls ? 443 : 80};
  const std::size_t colon = origin.host.rfind(':');
  const std::size_t bracket = origin.host.rfind(']');
  if (colon != std::string::npos && (bracket == std::string::npos || bracket < colon)) {
    const std::string digits = origin.host.substr(colon + 1);
    origin.host.resize(colon);
    const char* const end = digits.data() + digits.size();
    const auto parsed = std::from_chars(digits.data(), end, origin.port);
    if (digits.size() > 5 || parsed.ec != std::errc{} || parsed.ptr != end) return std::nullopt;
    if (origin.port < 1 || origin.port > 65'535) return std::nullopt;
  }
  if (!is_name(origin.host) && !is_bracketed(origin.host)) return std::nullopt;
  return origin;
}

std::optional<Url> parse_url(std::string_view text) {
  if (text.size() > kLongestUrl) return std::nullopt;
  const std::size_t slashes = text.find("://");
  if (slashes == std::string_view::npos) return std::nullopt;
  const std::string scheme = lower_case(text.substr(0, slashes));
  if (scheme != "https" && scheme != "http") return std::nullopt;
  text.remove_prefix(slashes + 3);
  const std::size_t end = std::min(text.find_first_of("/?#"), text.size());
  const auto origin = parse_authority(text.substr(0, end), scheme == "https");
  if (!origin) return std::nullopt;
  std::string target{text.substr(end)};
  if (!target.starts_with('/')) target.insert(0, "/");
  if (!is_target(target)) return std::nullopt;
  return Url{*origin, std::move(target)};
}

bool is_target(std::string_view text) {
  return text.size() <= kLongestUrl && std::all_of(text.begin(), text.end(), [](char c) {
           return c > ' ' && c < '\x7f' && kNever.find(c) == std::string_view::npos;
         });
}

}  // namespace atelier::registry
