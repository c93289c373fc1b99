// Which paths of a tree a pattern selects: `*` and `?` stay within one name, `**` stands for any number of folders.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace atelier::stage {

// Matched on the whole relative path; names that begin with a dot are like all others. `**` alone selects
// everything, `**/*.py` every Python file, `*.py` only those at the top, `sub/**` all that is in `sub`.
class Glob {
 public:
  // Nothing if the pattern is empty, absolute, or has an empty, `.` or `..` component.
  static std::optional<Glob> parse(std::string_view pattern);

  bool matches(std::string_view path) const;

 private:
  std::vector<std::string> parts_;
};

}  // namespace atelier::stage
