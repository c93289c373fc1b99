// One page of a list of tags, as a registry answers it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "atelier/base/result.h"

namespace atelier::registry {

// Of all pages.
struct Tags {
  std::vector<std::string> all{};
  std::size_t listed = 0;  // those that can be no tag as well
  std::size_t bytes = 0;   // of `all`
};

struct MostTags {
  std::size_t listed;
  std::size_t bytes;
};

// Appends the page's tags to `into`; what can be no tag is left out. Nothing of the rest is kept, however large it is.
// Error: invalid; also when there would be more than `most`.
Result<void> read_tags(std::string_view body, const MostTags& most, Tags& into);

}  // namespace atelier::registry
