// An expression's words, each with its place in the text.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "atelier/base/result.h"

namespace atelier::cel {

struct Position {
  std::size_t line = 1;
  std::size_t column = 1;  // in characters, not bytes
};

// "column 3: message", or "line 2, column 3: message".
Error error_at(Position position, const std::string& message);

// A token's or other small piece of text, in quotes; a long one is cut.
std::string in_quotes(std::string_view text);

struct Token {
  enum class Kind { end, name, integer, floating, text, sign };

  Kind kind = Kind::end;
  Position at;
  std::string text;  // as it is written; of a text, what it stands for
};

// Error: invalid, for what is no CEL, and for words of CEL that are not supported, which it says.
Result<std::vector<Token>> tokens_of(std::string_view source);

// The first byte of the "}" that closes what is open before the text; npos if there is none. Error: as tokens_of.
Result<std::size_t> closing_brace(std::string_view text);

// What is still to be read. REQUIRES valid UTF-8.
class Cursor {
 public:
  explicit Cursor(std::string_view rest) : rest_(rest) {}

  bool done() const { return rest_.empty(); }
  std::size_t left() const { return rest_.size(); }
  bool sees(std::string_view text) const { return rest_.starts_with(text); }
  char peek(std::size_t ahead = 0) const { return ahead < rest_.size() ? rest_[ahead] : '\0'; }
  Position position() const { return at_; }
  std::string_view take(std::size_t bytes);

 private:
  std::string_view rest_;
  Position at_;
};

// Reads the literal that begins here, with its quotes, or its r and quotes.
Result<std::string> text_literal(Cursor& cursor);

}  // namespace atelier::cel
