// Expressions in a subset of CEL, the Common Expression Language: docs/reference/expressions.md says which.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "atelier/base/result.h"
#include "atelier/cel/type.h"
#include "atelier/cel/value.h"

namespace atelier::cel {

struct Node;

using Variables = std::map<std::string, Type>;
using Bindings = std::map<std::string, Value, std::less<>>;

// What one evaluation may cost. A step is a node that is evaluated, or 32 bytes or elements that a function reads.
struct Limits {
  std::size_t steps = 100'000;
  std::size_t size = 65'536;  // of each text, list and map that is made: its Value::weight
};

// Parsed and checked, and from then on immutable: threads may share it. Nothing here reads a clock or the environment,
// so the same expression and the same bindings always give the same answer.
class Expression {
 public:
  // Error: invalid; the message names line and column, what is wrong there and what would be right.
  static Result<Expression> compile(std::string_view source, const Variables& declared);

  // Where the expression at the beginning of a longer text ends: at the first "}" that is neither in a text literal or
  // comment nor closes a "{"; npos if there is none. Error: invalid, with the column, for what is no CEL before it.
  static Result<std::size_t> end_in(std::string_view text);

  using Path = std::vector<std::string>;
  using Paths = std::set<Path>;

  // What evaluate gives; dyn where only the evaluation tells.
  const Type& type() const { return type_; }

  // The variables that it reads, each with the fields that are selected of it: {"tasks", "extract", "status"}.
  Paths reads() const;

  using Comparisons = std::vector<std::pair<Path, std::string>>;

  // The texts with which it compares what it reads, by ==, != or `in` a list that is written out.
  Comparisons comparisons() const;

  // REQUIRES of each binding that it is of its variable's declared type; its fields and itself may be missing, which is
  // an error of the expression where it is used. Error: invalid, with line and column; not_found, so too, where a field
  // is not there. `absent` then holds what was asked of a variable in vain, written as reads() does.
  Result<Value> evaluate(const Bindings& bindings, const Limits& limits = {}, Paths* absent = nullptr) const;

 private:
  Expression(std::shared_ptr<const Node> root, Type type) : root_(std::move(root)), type_(std::move(type)) {}

  std::shared_ptr<const Node> root_;
  Type type_;
};

}  // namespace atelier::cel
