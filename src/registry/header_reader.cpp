#include "registry/header_reader.h"

#include <algorithm>

namespace atelier::registry {
namespace {

bool is_token_char(char c) {
  constexpr std::string_view kOther = "!#$%&'*+-.^_`|~";
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         kOther.find(c) != std::string_view::npos;
}

}  // namespace

std::string lower_case(std::string_view text) {
  std::string low{text};
  std::transform(low.begin(), low.end(), low.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return low;
}

bool HeaderReader::skip_space() {
  const std::size_t before = rest_.size();
  while (next_is(' ') || next_is('\t')) rest_.remove_prefix(1);
  return rest_.size() != before;
}

void HeaderReader::skip_commas() {
  do {
    skip_space();
  } while (accept(','));
}

bool HeaderReader::accept(char c) {
  if (!next_is(c)) return false;
  rest_.remove_prefix(1);
  return true;
}

std::string HeaderReader::token() {
  std::size_t length = 0;
  while (length < rest_.size() && is_token_char(rest_[length])) ++length;
  std::string read{rest_.substr(0, length)};
  rest_.remove_prefix(length);
  return read;
}

std::optional<std::string> HeaderReader::quoted() {
  if (!accept('"')) return std::nullopt;
  std::string read;
  while (!at_end()) {
    if (accept('"')) return read;
    accept('\\');
    if (at_end() || rest_.front() < ' ' || rest_.front() > '~') return std::nullopt;
    read += rest_.front();
    rest_.remove_prefix(1);
  }
  return std::nullopt;
}

std::optional<std::string> HeaderReader::until(char c) {
  const std::size_t end = rest_.find(c);
  if (end == std::string_view::npos) return std::nullopt;
  std::string read{rest_.substr(0, end)};
  rest_.remove_prefix(end + 1);
  return read;
}

}  // namespace atelier::registry
