// Operators, functions and methods, and the types they are for.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "atelier/cel/type.h"
#include "cel/node.h"

namespace atelier::cel {

struct Overload {
  std::string_view name;
  Node::Style style;
  std::vector<Type> arguments;
  Type result;
};

// Parameters of overloads have the numbers below this one.
constexpr int kParameters = 2;

// All of CEL's standard library that is supported, in the order of cel-go's common/stdlib: which of several overloads
// are found first decides about the type of a result. Then what is supported of cel-go's extensions.
const std::vector<Overload>& overloads();

bool is_function(std::string_view name);

// As a user writes it: "int + int", "size(string)", "string.contains(string)", "!bool", "list(A)[int]".
std::string call_text(std::string_view name, Node::Style style, const std::vector<Type>& arguments);

// Where there is no overload for the arguments, or no such function: what there is.
std::string no_overload(std::string_view name, Node::Style style, const std::vector<Type>& arguments);

}  // namespace atelier::cel
