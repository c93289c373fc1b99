// Macros: calls whose arguments are not evaluated before the call.
#include <array>

#include "cel/parser.h"

namespace atelier::cel {
namespace {

struct Macro {
  std::string_view name;
  Node::Kind kind;
  std::string_view usage;
};

constexpr std::array<Macro, 5> kMacros = {{
    {"all", Node::Kind::all, "list.all(x, condition)"},
    {"exists", Node::Kind::exists, "list.exists(x, condition)"},
    {"exists_one", Node::Kind::exists_one, "list.exists_one(x, condition)"},
    {"filter", Node::Kind::filter, "list.filter(x, condition)"},
    {"map", Node::Kind::transform, "list.map(x, value) or list.map(x, condition, value)"},
}};

Result<Node> presence(Node call) {
  if (call.parts.size() != 1 || call.parts[0].kind != Node::Kind::field) {
    return error_at(call.at, "has() asks for one field: has(object.field)");
  }
  Node field = std::move(call.parts[0]);
  field.kind = Node::Kind::has;
  field.at = call.at;
  return field;
}

}  // namespace

Result<Node> expanded(Node call) {
  if (call.style == Node::Style::function && call.name == "has") return presence(std::move(call));
  const auto* macro = std::find_if(kMacros.begin(), kMacros.end(), [&](const Macro& m) { return m.name == call.name; });
  if (call.style == Node::Style::method && call.name == "existsOne") {
    return error_at(call.at, "\"existsOne\" is not supported; write exists_one");
  }
  if (call.style == Node::Style::function || macro == kMacros.end()) return call;
  const bool filtered = macro->kind == Node::Kind::transform && call.parts.size() == 4;
  if (call.parts.size() != 3 && !filtered) {
    return error_at(call.at, in_quotes(call.name) + " is used as " + std::string(macro->usage));
  }
  if (call.parts[1].kind != Node::Kind::variable) {
    return error_at(call.parts[1].at, "a name for the element has to be here: " + in_quotes(call.name) +
                                          " is used as " + std::string(macro->usage));
  }
  Node node(macro->kind, call.at, call.parts[1].name, {});
  call.parts.erase(call.parts.begin() + 1);
  if (filtered) std::swap(call.parts[1], call.parts[2]);
  node.parts = std::move(call.parts);
  node.depth = call.depth;
  return node;
}

}  // namespace atelier::cel
