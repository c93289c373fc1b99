// The types of a tree.
#pragma once

#include <string>
#include <vector>

#include "atelier/cel/expression.h"
#include "cel/node.h"
#include "cel/unifier.h"

namespace atelier::cel {

// Finds what cel-go's checker finds (checker/checker.go, v0.26), and stops at the first mistake.
class Checker {
 public:
  explicit Checker(const Variables& declared);

  // The type of the whole. Error: invalid, with the column, what is wrong there and what would be right.
  Result<Type> check(const Node& root);

 private:
  struct Local {
    const std::string& name;
    Type type;
    const Local* outer;
  };

  Result<Type> type_of(const Node& node);
  Result<Type> variable(const Node& node) const;
  Result<Type> field(const Node& node);
  Result<Type> call(const Node& node);
  Result<Type> list(const Node& node);
  Result<Type> map(const Node& node);
  Result<Type> logical(const Node& node);
  Result<Type> choice(const Node& node);
  Result<Type> macro(const Node& node);
  Result<Type> macro_result(const Node& node);
  Result<Type> collected(const Node& node);
  Result<Type> element_of(const Node& range);
  Result<Type> resolve(const Node& node, std::string_view name, Node::Style style, const std::vector<Type>& arguments);
  Result<void> require_boolean(const Node& node, const Type& type);
  Type joined(const Type& previous, const Type& current);
  std::string text_of(const Type& type) const;

  const Variables& declared_;
  Unifier unifier_;
  const Local* locals_ = nullptr;
};

}  // namespace atelier::cel
