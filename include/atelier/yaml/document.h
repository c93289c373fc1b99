// YAML as Kubernetes reads it, with the line of every value.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "atelier/base/result.h"

namespace atelier::yaml {

struct Document {
  nlohmann::json value;
  std::vector<std::pair<std::string, int>> lines;  // paths such as spec.tasks[0].name, in document order; from 1

  // The line behind the "|" of each text that is written as a block: its first.
  std::map<std::string, int> blocks;

  // Of the longest beginning of `path` that is there.
  int line_of(const std::string& path) const;
};

// The items of a List as documents of their own.
std::vector<Document> items_of(const Document& list);

// Empty documents are left out. Error: invalid, with the line of the mistake.
Result<std::vector<Document>> parse(std::string_view text);

}  // namespace atelier::yaml
