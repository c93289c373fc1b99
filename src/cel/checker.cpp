#include "cel/checker.h"

#include <utility>

#include "atelier/base/text.h"
#include "cel/overloads.h"

namespace atelier::cel {
namespace {

using Kind = Type::Kind;

template <class Map>
std::string names_of(const Map& named) {
  std::string names;
  for (const auto& [name, what] : named) names += (names.empty() ? "" : ", ") + name;
  return names.empty() ? "none" : bounded(names, 200);
}

}  // namespace

Checker::Checker(const Variables& declared) : declared_(declared), unifier_(kParameters) {}

Result<Type> Checker::check(const Node& root) {
  ATELIER_TRY(const auto type, type_of(root));
  return unifier_.resolved(type, Unifier::Open::becomes_dynamic);
}

Result<Type> Checker::type_of(const Node& node) {
  switch (node.kind) {
    case Node::Kind::literal:
      if (node.value.is_null()) return Type::null();
      if (node.value.as<bool>() != nullptr) return Type::boolean();
      if (node.value.as<std::int64_t>() != nullptr) return Type::integer();
      return node.value.as<double>() != nullptr ? Type::floating() : Type::string();
    case Node::Kind::variable:
      return variable(node);
    case Node::Kind::field:
      return field(node);
    case Node::Kind::has: {
      auto type = field(node);
      return type ? Type::boolean() : std::move(type);
    }
    case Node::Kind::call:
      return call(node);
    case Node::Kind::list:
      return list(node);
    case Node::Kind::map:
      return map(node);
    case Node::Kind::all_of:
    case Node::Kind::any_of:
      return logical(node);
    case Node::Kind::choice:
      return choice(node);
    default:
      return macro(node);
  }
}

Result<Type> Checker::variable(const Node& node) const {
  for (const Local* local = locals_; local != nullptr; local = local->outer) {
    if (local->name == node.name) return local->type;
  }
  const auto found = declared_.find(node.name);
  if (found != declared_.end()) return found->second;
  return error_at(node.at, "there is no variable " + in_quotes(node.name) + "; there are: " + names_of(declared_));
}

Result<Type> Checker::field(const Node& node) {
  ATELIER_TRY(const auto open, type_of(node.parts[0]));
  const Type target = unifier_.resolved(open, Unifier::Open::stays);
  if (target.is(Kind::map)) return target.value();
  if (target.is(Kind::object)) {
    const auto found = target.fields().find(node.name);
    if (found != target.fields().end()) return found->second;
    return error_at(node.at, "there is no field " + in_quotes(node.name) + "; there are: " + names_of(target.fields()));
  }
  if (target.is(Kind::parameter)) unifier_.assign(Type::dynamic(), target);
  if (target.is(Kind::parameter) || target.is(Kind::dynamic)) return Type::dynamic();
  return error_at(node.at, "a value of type " + target.text() + " has no fields, and so no " + in_quotes(node.name));
}

Result<Type> Checker::call(const Node& node) {
  std::vector<Type> types(node.parts.size(), Type::dynamic());
  // A method's arguments before its target, as cel-go: it decides what is known of the types that are open.
  const std::size_t first = node.style == Node::Style::method ? 1 : 0;
  for (std::size_t i = first; i < node.parts.size(); ++i) {
    ATELIER_TRY(types[i], type_of(node.parts[i]));
  }
  if (first == 1) {
    ATELIER_TRY(types[0], type_of(node.parts[0]));
  }
  return resolve(node, node.name, node.style, types);
}

Result<Type> Checker::resolve(const Node& node, std::string_view name, Node::Style style,
                              const std::vector<Type>& arguments) {
  std::vector<Type> results;
  for (const Overload& overload : overloads()) {
    if (overload.name != name || overload.style != style) continue;
    Unifier instance(kParameters);  // the overload's parameters, each replaced by one of its own
    for (int number = 0; number < kParameters; ++number) instance.assign(unifier_.fresh(), Type::parameter(number));
    std::vector<Type> expected;
    for (const Type& type : overload.arguments) expected.push_back(instance.resolved(type, Unifier::Open::stays));
    if (!unifier_.assign_all(arguments, expected)) continue;
    const Type result = instance.resolved(overload.result, Unifier::Open::stays);
    results.push_back(unifier_.resolved(result, Unifier::Open::stays));
  }
  if (results.empty()) {
    std::vector<Type> given;
    for (const Type& type : arguments) given.push_back(unifier_.resolved(type, Unifier::Open::becomes_dynamic));
    return error_at(node.at, no_overload(name, style, given));
  }
  for (const Type& other : results) {
    if (!(other == results[0])) return Type::dynamic();
  }
  return results[0];
}

Type Checker::joined(const Type& previous, const Type& current) {
  return unifier_.assign(previous, current) ? Unifier::more_general(previous, current) : Type::dynamic();
}

Result<Type> Checker::list(const Node& node) {
  if (node.parts.empty()) return Type::list(unifier_.fresh());
  ATELIER_TRY(auto element, type_of(node.parts[0]));
  for (std::size_t i = 1; i < node.parts.size(); ++i) {
    ATELIER_TRY(const auto next, type_of(node.parts[i]));
    element = joined(element, next);
  }
  return Type::list(element);
}

Result<Type> Checker::map(const Node& node) {
  if (node.parts.empty()) {
    const Type key = unifier_.fresh();
    return Type::map(key, unifier_.fresh());
  }
  std::vector<Type> joint;
  for (std::size_t i = 0; i < node.parts.size(); ++i) {
    ATELIER_TRY(const auto next, type_of(node.parts[i]));
    if (i % 2 == 0) {
      const Type key = unifier_.resolved(next, Unifier::Open::stays);
      if (key.is(Kind::null) || key.is(Kind::floating) || key.is(Kind::list) || key.is(Kind::map) ||
          key.is(Kind::object)) {
        return error_at(node.parts[i].at, "a map's key is a string, an int or a bool, not " + key.text());
      }
    }
    if (i < 2) {
      joint.push_back(next);
    } else {
      joint[i % 2] = joined(joint[i % 2], next);
    }
  }
  return Type::map(joint[0], joint[1]);
}

Result<void> Checker::require_boolean(const Node& node, const Type& type) {
  if (unifier_.assign(type, Type::boolean())) return boost::outcome_v2::success();
  return error_at(node.at, "this has to be a bool, and is " + text_of(type));
}

std::string Checker::text_of(const Type& type) const {
  return unifier_.resolved(type, Unifier::Open::becomes_dynamic).text();
}

Result<Type> Checker::logical(const Node& node) {
  ATELIER_TRY(const auto first, type_of(node.parts[0]));
  ATELIER_TRY(const auto second, type_of(node.parts[1]));
  ATELIER_TRY(require_boolean(node.parts[0], first));
  ATELIER_TRY(require_boolean(node.parts[1], second));
  for (std::size_t i = 2; i < node.parts.size(); ++i) {
    ATELIER_TRY(const auto type, type_of(node.parts[i]));
    ATELIER_TRY(require_boolean(node.parts[i], type));
  }
  return Type::boolean();
}

Result<Type> Checker::choice(const Node& node) {
  std::vector<Type> types;
  for (const Node& part : node.parts) {
    ATELIER_TRY(auto type, type_of(part));
    types.push_back(std::move(type));
  }
  return resolve(node, "?:", Node::Style::sign, types);
}

Result<Type> Checker::element_of(const Node& range) {
  ATELIER_TRY(const auto open, type_of(range));
  const Type type = unifier_.resolved(open, Unifier::Open::stays);
  if (type.is(Kind::list)) return type.element();
  if (type.is(Kind::map)) return type.key();
  if (type.is(Kind::parameter)) unifier_.assign(Type::dynamic(), type);
  if (type.is(Kind::parameter) || type.is(Kind::dynamic)) return Type::dynamic();
  return error_at(range.at, "a macro needs a list, or a map for its keys; this is " + type.text());
}

Result<Type> Checker::macro(const Node& node) {
  ATELIER_TRY(auto element, element_of(node.parts[0]));
  const Local local{node.name, std::move(element), locals_};
  locals_ = &local;
  auto result = macro_result(node);
  locals_ = local.outer;
  return result;
}

Result<Type> Checker::macro_result(const Node& node) {
  if (node.kind == Node::Kind::filter || node.kind == Node::Kind::transform) return collected(node);
  ATELIER_TRY(const auto condition, type_of(node.parts[1]));
  ATELIER_TRY(require_boolean(node.parts[1], condition));
  return Type::boolean();
}

// As cel-go expands it: a list so far, to which an element is added, if a condition holds.
Result<Type> Checker::collected(const Node& node) {
  const Type so_far = Type::list(unifier_.fresh());
  const bool filter = node.kind == Node::Kind::filter;
  const Node* condition = filter ? &node.parts[1] : node.parts.size() == 3 ? &node.parts[2] : nullptr;
  Type holds = Type::boolean();
  if (condition != nullptr) {
    ATELIER_TRY(holds, type_of(*condition));
  }
  Type element = locals_->type;
  if (!filter) {
    ATELIER_TRY(element, type_of(node.parts[1]));
  }
  ATELIER_TRY(auto step, resolve(node, "+", Node::Style::sign, {so_far, Type::list(element)}));
  if (condition != nullptr) {
    ATELIER_TRY(require_boolean(*condition, holds));
    ATELIER_TRY(step, resolve(node, "?:", Node::Style::sign, {holds, step, so_far}));
  }
  unifier_.assign(so_far, step);
  return unifier_.resolved(so_far, Unifier::Open::stays);
}

}  // namespace atelier::cel
