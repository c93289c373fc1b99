#include "cli/terminal.h"

namespace atelier::cli {
namespace {

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
  if (text.starts_with("atelier ")) text.replace(0, 7, program);
  for (std::size_t at = text.find(": atelier "); at != std::string::npos; at = text.find(": atelier ", at + 1)) {
    text.replace(at + 2, 7, program);
  }
  return text;
}

Style style_of(std::string_view state) {
  if (state == "Succeeded" || state == "True" || state == "Approve") return Style::good;
  if (state == "Failed" || state == "False" || state == "Reject") return Style::bad;
  if (state == "Running") return Style::busy;
  if (state == "Skipped" || state == "Cancelled" || state == "Waiting" || state == "Pending") return Style::quiet;
  return Style::plain;
}

}  // namespace atelier::cli
