// Reads the value of a header that consists of RFC 9110's tokens, quoted strings and punctuation.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace atelier::registry {

std::string lower_case(std::string_view text);  // of ASCII

class HeaderReader {
 public:
  explicit HeaderReader(std::string_view text) : rest_(text) {}

  bool at_end() const { return rest_.empty(); }
  bool next_is(char c) const { return rest_.starts_with(c); }
  bool skip_space();    // whether there was some
  void skip_commas();   // and the space around them: elements of a list may be empty
  bool accept(char c);  // whether it was next
  std::string token();  // empty: there is none
  // Without its quotes; absent where none begins, or where it does not end or holds anything but visible ASCII and
  // spaces.
  std::optional<std::string> quoted();
  std::optional<std::string> until(char c);  // what is before it; it is read too

 private:
  std::string_view rest_;
};

}  // namespace atelier::registry
