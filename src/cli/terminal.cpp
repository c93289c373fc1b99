#include "cli/terminal.h"

#include <algorithm>

namespace atelier::cli {
namespace {

constexpr std::string_view kCommand = ": atelier ";

std::string_view code_of(Style style) {
  switch (style) {
    case Style::good:
      return "32";
    case Style::bad:
      return "31";
    case Style::busy:
      return "33";
    case Style::quiet:
      return "2";
    case Style::strong:
      return "1";
    case Style::plain:
      break;
  }
  return "";
}

}  // namespace

std::string Terminal::styled(std::string_view text, Style style) const {
  const std::string_view code = code_of(style);
  if (!colours || code.empty() || text.empty()) return std::string(text);
  return "\x1b[" + std::string(code) + "m" + std::string(text) + "\x1b[0m";
}

std::string Terminal::as_called(std::string text) const {
  std::size_t at = text.starts_with(kCommand.substr(2)) ? 0 : text.find(kCommand);
  while (at != std::string::npos) {
    const std::size_t begin = text[at] == ':' ? at + 2 : at;
    const std::size_t verb = begin + kCommand.size() - 2;
    const std::size_t after = std::min(text.find_first_of(" ;,.)", verb), text.size());
    const std::string name = text.substr(verb, after - verb);
    const std::string_view rest = std::string_view(text).substr(after, text.find_first_of(";\n", after) - after);
    const bool placed = rest.find(" -n ") != std::string_view::npos || rest.find(" -A") != std::string_view::npos;
    const bool asks = name != "lint" && name != "convert" && name != "completion";  // a cluster
    const std::string command =
        program + " " + name + (asks ? cluster + (placed || ns.empty() ? "" : " -n " + shell_word(ns)) : "");
    text.replace(begin, after - begin, command);
    at = text.find(kCommand, begin + command.size());
  }
  return text;
}

std::string in_single_quotes(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

std::string shell_word(const std::string& text) {
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./@:-";
  if (!text.empty() && text.find_first_not_of(kPlain) == std::string::npos) return text;
  return in_single_quotes(text);
}

Style style_of(std::string_view state) {
  if (state == "Succeeded" || state == "True" || state == "Approve") return Style::good;
  if (state == "Failed" || state == "False" || state == "Reject") return Style::bad;
  if (state == "Running") return Style::busy;
  if (state == "Skipped" || state == "Cancelled" || state == "Waiting" || state == "Pending") return Style::quiet;
  return Style::plain;
}

}  // namespace atelier::cli
