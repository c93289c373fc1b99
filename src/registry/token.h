// What a token server answers (Docker Registry v2 authentication).
#pragma once

#include <string>
#include <string_view>

#include "atelier/base/result.h"
#include "atelier/base/time.h"

namespace atelier::registry {

struct Token {
  std::string value;
  Millis lifetime{0};  // at most an hour; a minute if the answer does not say

  bool operator==(const Token&) const = default;
};

// Error: invalid.
Result<Token> token_in(const std::string& body);

}  // namespace atelier::registry
