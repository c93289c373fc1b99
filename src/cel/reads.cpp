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
    if (Expression::Path path = path_of(node); !path.empty()) {
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

  // Of a variable and the fields selected of it, as they are written; empty for anything else.
  Expression::Path path_of(const Node& node) const {
    const Node* at = &node;
    Expression::Path path;
    while (at->kind == Kind::field || at->kind == Kind::has) {
      path.insert(path.begin(), at->name);
      at = &at->parts[0];
    }
    const bool bound = std::find(bound_.begin(), bound_.end(), at->name) != bound_.end();
    if (at->kind != Kind::variable || bound) return {};
    path.insert(path.begin(), at->name);
    return path;
  }

  Expression::Paths& paths_;
  std::vector<std::string> bound_;
};

}  // namespace

Expression::Paths Expression::reads() const {
  Paths paths;
  Reader{paths}.read(*root_);
  return paths;
}

}  // namespace atelier::cel
