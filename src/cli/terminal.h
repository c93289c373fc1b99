// Where a verb writes to, and what it may do there.
#pragma once

#include <cstddef>
#include <iosfwd>
#include <string>
#include <string_view>

namespace atelier::cli {

enum class Style { plain, good, bad, busy, quiet, strong };

struct Terminal {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  bool live = false;                // both are a screen: what was written can be written over
  bool colours = false;             // they are a screen, and nobody asked for none (NO_COLOR)
  std::size_t width = 80;           // of the screen, in characters
  std::string program = "atelier";  // as it was called
  std::string cluster;              // its options that say which cluster, as given: " --context prod"
  std::string ns;                   // -n, as given

  std::string styled(std::string_view text, Style style) const;
  // Commands in `text`, which begin it or follow a colon, name the program as it was called, and go to the same cluster
  // and namespace.
  std::string as_called(std::string text) const;
};

std::string in_single_quotes(const std::string& text);  // for a shell
// As one word of a shell, quoted where it has to be.
std::string shell_word(const std::string& text);

// Of a phase, a task's state or a condition's status, as the API writes them.
Style style_of(std::string_view state);

}  // namespace atelier::cli
