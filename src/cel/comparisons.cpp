// With which texts an expression compares what it reads.
#include "atelier/cel/expression.h"
#include "cel/node.h"

namespace atelier::cel {
namespace {

using Kind = Node::Kind;

void compare(const Node& read, const Node& text, Expression::Comparisons& found) {
  Expression::Path path = path_of(read);
  const auto* written = text.kind == Kind::literal ? text.value.as<std::string>() : nullptr;
  if (!path.empty() && read.kind != Kind::has && written != nullptr) found.emplace_back(std::move(path), *written);
}

void collect(const Node& node, Expression::Comparisons& found) {
  if (node.kind == Kind::call && node.style == Node::Style::sign && node.parts.size() == 2) {
    const Node& left = node.parts[0];
    const Node& right = node.parts[1];
    if (node.name == "==" || node.name == "!=") {
      compare(left, right, found);
      compare(right, left, found);
    } else if (node.name == "in" && right.kind == Kind::list) {
      for (const Node& one : right.parts) compare(left, one, found);
    }
  }
  for (const Node& part : node.parts) collect(part, found);
}

}  // namespace

Expression::Comparisons Expression::comparisons() const {
  Comparisons found;
  collect(*root_, found);
  return found;
}

}  // namespace atelier::cel
