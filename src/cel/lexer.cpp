#include <algorithm>
#include <array>

#include "atelier/base/text.h"
#include "cel/token.h"

namespace atelier::cel {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool begins_name(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_quote(char c) { return c == '"' || c == '\''; }

std::string unsupported(const Cursor& cursor, std::string_view what) {
  return in_quotes(std::string(1, cursor.peek())) + " begins " + std::string(what) + ", which are not supported";
}

std::size_t digits_from(const Cursor& cursor, std::size_t at) {
  while (is_digit(cursor.peek(at))) ++at;
  return at;
}

// Digits, 0x and hexadecimal digits, or a number with a fraction, an exponent or both.
Result<Token> number(Cursor& cursor) {
  Token token{Token::Kind::integer, cursor.position(), {}};
  std::size_t end = 0;
  if (cursor.peek() == '0' && cursor.peek(1) == 'x' && is_hex(cursor.peek(2))) {
    end = 3;
    while (is_hex(cursor.peek(end))) ++end;
  } else {
    end = digits_from(cursor, 0);
    if (cursor.peek(end) == '.' && is_digit(cursor.peek(end + 1))) {
      token.kind = Token::Kind::floating;
      end = digits_from(cursor, end + 1);
    }
    if (cursor.peek(end) == 'e' || cursor.peek(end) == 'E') {
      const std::size_t sign = cursor.peek(end + 1) == '+' || cursor.peek(end + 1) == '-' ? 1 : 0;
      if (is_digit(cursor.peek(end + 1 + sign))) {
        token.kind = Token::Kind::floating;
        end = digits_from(cursor, end + 1 + sign);
      }
    }
  }
  token.text = cursor.take(end);
  if (token.kind == Token::Kind::integer && (cursor.peek() == 'u' || cursor.peek() == 'U')) {
    return error_at(token.at, "uint is not supported; write " + token.text + " for an int");
  }
  if (begins_name(cursor.peek())) {
    return error_at(cursor.position(), "after the number " + in_quotes(token.text) + " comes " +
                                           in_quotes(std::string(1, cursor.peek())) + ", which is not part of it");
  }
  return token;
}

bool begins_bytes(const Cursor& cursor) {
  if (cursor.peek() != 'b' && cursor.peek() != 'B') return false;
  return is_quote(cursor.peek(1)) || ((cursor.peek(1) == 'r' || cursor.peek(1) == 'R') && is_quote(cursor.peek(2)));
}

Result<Token> sign(Cursor& cursor) {
  constexpr std::array<std::string_view, 24> kSigns = {"&&", "||", "==", "!=", "<=", ">=", "<", ">",
                                                       "+",  "-",  "*",  "/",  "%",  "!",  "?", ":",
                                                       ".",  ",",  "(",  ")",  "[",  "]",  "{", "}"};
  const auto found = std::find_if(kSigns.begin(), kSigns.end(), [&](std::string_view s) { return cursor.sees(s); });
  if (found != kSigns.end()) {
    const Position at = cursor.position();
    return Token{Token::Kind::sign, at, std::string(cursor.take(found->size()))};
  }
  switch (cursor.peek()) {
    case '=':
      return error_at(cursor.position(), "\"=\" is no operator; write == to compare");
    case '&':
      return error_at(cursor.position(), "\"&\" is no operator; write && for \"and\"");
    case '|':
      return error_at(cursor.position(), "\"|\" is no operator; write || for \"or\"");
    case '`':
      return error_at(cursor.position(), unsupported(cursor, "names in backticks"));
    default:
      break;
  }
  const Position at = cursor.position();
  return error_at(at, in_quotes(cursor.take(1)) + " has no meaning outside of a text; texts are in quotes");
}

Result<Token> next(Cursor& cursor) {
  const char c = cursor.peek();
  if (is_digit(c) || (c == '.' && is_digit(cursor.peek(1)))) return number(cursor);
  if (begins_bytes(cursor)) return error_at(cursor.position(), unsupported(cursor, "bytes"));
  if (is_quote(c) || ((c == 'r' || c == 'R') && is_quote(cursor.peek(1)))) {
    Token token{Token::Kind::text, cursor.position(), {}};
    ATELIER_TRY(token.text, text_literal(cursor));
    return token;
  }
  if (!begins_name(c)) return sign(cursor);
  std::size_t end = 1;
  while (begins_name(cursor.peek(end)) || is_digit(cursor.peek(end))) ++end;
  const Position at = cursor.position();
  return Token{Token::Kind::name, at, std::string(cursor.take(end))};
}

void skip_space(Cursor& cursor) {
  while (!cursor.done()) {
    if (cursor.sees("//")) {
      while (!cursor.done() && cursor.peek() != '\n') cursor.take(1);
    } else if (std::string_view(" \t\r\n\f").find(cursor.peek()) != std::string_view::npos) {
      cursor.take(1);
    } else {
      return;
    }
  }
}

}  // namespace

Error error_at(Position position, const std::string& message) {
  const std::string line = position.line == 1 ? "" : "line " + std::to_string(position.line) + ", ";
  return invalid(line + "column " + std::to_string(position.column) + ": " + message);
}

std::string in_quotes(std::string_view text) { return '"' + bounded(text, 60) + '"'; }

std::string_view Cursor::take(std::size_t bytes) {
  while (bytes < rest_.size() && (static_cast<unsigned char>(rest_[bytes]) & 0xc0U) == 0x80U) ++bytes;
  const std::string_view taken = rest_.substr(0, bytes);
  for (const char c : taken) {
    if (c == '\n') {
      at_ = {at_.line + 1, 1};
    } else if ((static_cast<unsigned char>(c) & 0xc0U) != 0x80U) {
      ++at_.column;
    }
  }
  rest_.remove_prefix(bytes);
  return taken;
}

Result<std::vector<Token>> tokens_of(std::string_view source) {
  std::vector<Token> tokens;
  Cursor cursor(source);
  for (skip_space(cursor); !cursor.done(); skip_space(cursor)) {
    ATELIER_TRY(auto token, next(cursor));
    tokens.push_back(std::move(token));
  }
  tokens.push_back({Token::Kind::end, cursor.position(), ""});
  return tokens;
}

Result<std::size_t> closing_brace(std::string_view text) {
  std::size_t open = 0;
  Cursor cursor(text);
  for (skip_space(cursor); !cursor.done(); skip_space(cursor)) {
    const std::size_t begin = text.size() - cursor.left();
    ATELIER_TRY(const auto token, next(cursor));
    if (token.kind != Token::Kind::sign) continue;
    if (token.text == "{") ++open;
    if (token.text != "}") continue;
    if (open == 0) return begin;
    --open;
  }
  return std::string_view::npos;
}

}  // namespace atelier::cel
