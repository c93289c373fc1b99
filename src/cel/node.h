// An expression as a tree.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "atelier/cel/value.h"
#include "cel/token.h"

namespace atelier::cel {

struct Node {
  enum class Kind {
    literal,   // value
    variable,  // name
    field,     // parts[0].name
    has,       // has(parts[0].name)
    call,      // the operator, function or method called name, with parts
    list,      // parts
    map,       // parts: key, value, key, value, ...
    all_of,    // parts, joined by &&
    any_of,    // parts, joined by ||
    choice,    // parts[0] ? parts[1] : parts[2]
    // Macros: each element of parts[0] is called name.
    all,         // parts[1] holds for all
    exists,      // for one or more
    exists_one,  // for exactly one, and fails for none
    filter,      // those for which parts[1] holds
    transform,   // parts[1] of all, or of those for which parts[2] holds, if there is a parts[2]
  };
  enum class Style { sign, function, method };  // of a call: what its name is, and how it is written

  Node(Kind kind_in, Position at_in, std::string name_in, std::vector<Node> parts_in)
      : kind(kind_in), at(at_in), name(std::move(name_in)), parts(std::move(parts_in)) {
    for (const Node& part : parts) depth = std::max(depth, part.depth + 1);
  }

  Kind kind;
  Position at;
  std::string name;
  std::vector<Node> parts;
  Value value;
  Style style = Style::sign;
  std::size_t depth = 1;  // how many nodes there are on the longest way down
};

// Error: invalid, with the column, what is wrong there and what would be right.
Result<Node> parse(std::string_view source);

// Of a variable, or name that a macro gives, and the fields selected of it, as they are written; empty for anything
// else.
std::vector<std::string> path_of(const Node& node);

}  // namespace atelier::cel
