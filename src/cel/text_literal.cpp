#include <algorithm>
#include <charconv>

#include "cel/token.h"
#include "cel/utf8.h"

namespace atelier::cel {
namespace {

// The character of \xHH, \uHHHH, \UHHHHHHHH or \OOO. REQUIRES that the backslash and prefix are taken.
Result<std::string> numbered(Cursor& cursor, Position begin, std::size_t digits, int base) {
  std::string text;
  for (std::size_t i = 0; i < digits && !cursor.done() && static_cast<unsigned char>(cursor.peek()) < 0x80U; ++i) {
    text += cursor.take(1);
  }
  std::uint32_t character = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), character, base);
  if (text.size() != digits || error != std::errc() || end != text.data() + digits) {
    return error_at(begin, "this escape needs " + std::to_string(digits) +
                               (base == 16 ? " hexadecimal digits" : " octal digits from 000 to 377"));
  }
  std::string out;
  if (!append_character(out, character)) return error_at(begin, "there is no character U+" + text);
  return out;
}

Result<std::string> escape(Cursor& cursor) {
  const Position begin = cursor.position();
  cursor.take(1);
  const char c = cursor.peek();
  if (c >= '0' && c <= '3') return numbered(cursor, begin, 3, 8);
  constexpr std::string_view kLetters = "abfnrtv\\'\"`?";
  constexpr std::string_view kMeanings = "\a\b\f\n\r\t\v\\'\"`?";
  if (const auto at = kLetters.find(c); c != '\0' && at != std::string_view::npos) {
    cursor.take(1);
    return std::string(1, kMeanings[at]);
  }
  if (c == 'x' || c == 'X' || c == 'u' || c == 'U') {
    cursor.take(1);
    return numbered(cursor, begin, c == 'u' ? 4 : c == 'U' ? 8 : 2, 16);
  }
  return error_at(begin,
                  "there is no such escape; there are \\n \\r \\t \\a \\b \\f \\v \\\\ \\' \\\" \\` \\? \\xHH \\uHHHH "
                  "\\UHHHHHHHH \\OOO, and r'...' for a text without escapes");
}

}  // namespace

Result<std::string> text_literal(Cursor& cursor) {
  const Position begin = cursor.position();
  const bool raw = cursor.peek() == 'r' || cursor.peek() == 'R';
  if (raw) cursor.take(1);
  std::string quotes(3, cursor.peek());
  if (!cursor.sees(quotes)) quotes.resize(1);
  cursor.take(quotes.size());
  std::string out;
  while (!cursor.sees(quotes)) {
    if (cursor.done() || (quotes.size() == 1 && (cursor.peek() == '\n' || cursor.peek() == '\r'))) {
      return error_at(begin,
                      "this text has no end; it ends with " + quotes +
                          (quotes.size() == 1 ? " on the same line, and with three quotes it may have lines" : ""));
    }
    if (cursor.peek() == '\\' && !raw) {
      ATELIER_TRY(const auto character, escape(cursor));
      out += character;
    } else if (cursor.peek() == '\r') {  // every line ends with \n, as in all of CEL
      cursor.take(cursor.peek(1) == '\n' ? 2 : 1);
      out += '\n';
    } else {
      out += cursor.take(1);
    }
  }
  cursor.take(quotes.size());
  return out;
}

}  // namespace atelier::cel
