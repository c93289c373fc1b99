// What an expression reads of its variables.
#include <string>
#include <utility>

#include "atelier/cel/expression.h"
#include "cel/node.h"

namespace atelier::cel {
namespace {

using Kind = Node::Kind;

class Reader {
 public:
  explicit Reader(Expression::Paths& paths) : paths_(paths) {}

  void read(const Node& node) {
    if (Expression::Path path = path_of(node); !path.empty() && !is_bound(path.front())) {
      paths_.insert(std::move(path));
    } else if (is_macro(node.kind)) {
      read(node.parts[0]);
      bound_.push_back(node.name);
      for (std::size_t i = 1; i < node.parts.size(); ++i) read(node.parts[i]);
      bound_.pop_back();
    } else if (node.kind != Kind::variable) {
      for (const Node& part : node.parts) read(part);
    }
  }

 private:
  static bool is_macro(Kind kind) {
    return kind == Kind::all || kind == Kind::exists || kind == Kind::exists_one || kind == Kind::filter ||
           kind == Kind::transform;
  }

  bool is_bound(const std::string& name) const { return std::find(bound_.begin(), bound_.end(), name) != bound_.end(); }

  Expression::Paths& paths_;
  std::vector<std::string> bound_;
};

}  // namespace

Expression::Path path_of(const Node& node) {
  const Node* at = &node;
  Expression::Path path;
  while (at->kind == Kind::field || at->kind == Kind::has) {
    path.insert(path.begin(), at->name);
    at = &at->parts[0];
  }
  if (at->kind != Kind::variable) return {};
  path.insert(path.begin(), at->name);
  return path;
}

Expression::Paths Expression::reads() const {
  Paths paths;
  Reader{paths}.read(*root_);
  return paths;
}

}  // namespace atelier::cel
