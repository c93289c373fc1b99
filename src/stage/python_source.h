// The tokens of a Python file, and what no CPython since 3.8 would read in it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace atelier::stage {

struct PythonToken {
  enum class Kind { word, text, mark, line_end };  // a name or number; a string with its quotes; one character; logical

  Kind kind = Kind::word;
  std::string_view text{};  // of the source, which must outlive it
  std::size_t level = 0;    // blocks that it is in
};

struct PythonDefect {
  std::size_t line = 0;
  std::string what;
};

struct PythonSource {
  std::vector<PythonToken> tokens;  // to the first defect, or to where the versions of Python begin to differ
  std::optional<PythonDefect> defect;
  bool certain = true;  // false where versions differ, or another encoding is declared
};

// Looks at strings, brackets, indentation and encoding, not at the grammar. A defect is certain: where versions differ
// (quotes within the fields of an f-string, for one) the rest is not looked at, and where another encoding is declared
// the tokens are those that every encoding with the signs of ASCII has.
PythonSource read_python(std::string_view source);

}  // namespace atelier::stage
