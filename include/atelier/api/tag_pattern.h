// Patterns of tags: characters of tags, "*" for any of them, and one group, (*) or (#), by which tags are compared. No
// regular expression: a tenant writes it, and it is tried on every tag of a registry on the operator's one thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "atelier/base/result.h"

namespace atelier::api {

class TagPattern {
 public:
  // Error: invalid, with what is wrong and an example.
  static Result<TagPattern> parse(std::string_view text);

  // What the group stands for: at least one character, digits alone for (#). Where there is a choice it begins as early
  // and ends as late as possible. Absent: the tag is another. In time proportional to the tag's length, but for
  // repeats.
  std::optional<std::string_view> capture(std::string_view tag) const;

 private:
  std::vector<std::string> before_;  // between stars; at least one, which may be empty
  std::vector<std::string> after_;   // the same, mirrored
  bool digits_ = false;
};

}  // namespace atelier::api
