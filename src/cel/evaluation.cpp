#include "cel/evaluation.h"

#include <optional>
#include <utility>

#include "cel/arithmetic.h"

namespace atelier::cel {
namespace {

Error not_boolean(const Node& node, const Value& value) {
  return error_at(node.at, std::string("this has to be a bool, and is ") + value.type_name());
}

std::optional<Value::Key> key_of(const Value& value) {
  if (const auto* text = value.as<std::string>()) return *text;
  if (const auto* flag = value.as<bool>()) return *flag;
  if (const auto* number = value.as<std::int64_t>()) return *number;
  return std::nullopt;
}

// && and ||, and all and exists: one decisive value decides, whatever failed before or would fail after it.
class Verdict {
 public:
  explicit Verdict(bool decisive) : decisive_(decisive) {}

  // Whether it is decided.
  bool hear(const Node& node, Result<Value> said) {
    if (said && said.value().as<bool>() == nullptr) said = not_boolean(node, said.value());
    if (said && *said.value().as<bool>() == decisive_) decided_ = true;
    if (!said && !error_) error_ = std::move(said).error();
    return decided_;
  }

  Result<Value> value() const {
    if (!decided_ && error_) return *error_;
    return Value(decided_ == decisive_);
  }

 private:
  bool decisive_;
  bool decided_ = false;
  std::optional<Error> error_;
};

}  // namespace

Result<Value> Evaluation::of(const Node& node) {
  const auto charged = budget_.charge(1);
  if (!charged) return error_at(node.at, charged.error().message);
  switch (node.kind) {
    case Node::Kind::literal:
      return node.value;
    case Node::Kind::variable:
      return variable(node);
    case Node::Kind::field:
    case Node::Kind::has:
      return field(node);
    case Node::Kind::call:
      return call(node);
    case Node::Kind::list:
      return list(node);
    case Node::Kind::map:
      return map(node);
    case Node::Kind::all_of:
      return logical(node, false);
    case Node::Kind::any_of:
      return logical(node, true);
    case Node::Kind::choice:
      return choice(node);
    case Node::Kind::all:
      return quantified(node, false);
    case Node::Kind::exists:
      return quantified(node, true);
    case Node::Kind::exists_one:
      return exists_one(node);
    default:
      return collected(node);
  }
}

Result<Value> Evaluation::variable(const Node& node) const {
  for (const Local* local = locals_; local != nullptr; local = local->outer) {
    if (local->name == node.name) return local->value;
  }
  const auto found = bindings_.find(node.name);
  if (found != bindings_.end()) return found->second;
  return error_at(node.at, in_quotes(node.name) + " has no value");
}

Result<Value> Evaluation::field(const Node& node) {
  ATELIER_TRY(const auto target, of(node.parts[0]));
  const auto* map = target.as<Value::Map>();
  const Value* found = map == nullptr ? nullptr : entry(*map, Value(node.name));
  const bool asks = node.kind == Node::Kind::has;
  if (asks && target.as<Value::List>() == nullptr) return Value(found != nullptr);
  if (found != nullptr) return *found;
  if (map != nullptr) return not_there(node);
  return error_at(node.at, std::string("a value of type ") + target.type_name() + " has no fields, and so no " +
                               in_quotes(node.name));
}

Error Evaluation::not_there(const Node& node) const {
  Error error = error_at(node.at, "there is no " + in_quotes(node.name) + " here; ask with has(...) first");
  error.code = Errc::not_found;
  if (absent_ == nullptr) return error;
  Expression::Path path = path_of(node);
  for (const Local* local = locals_; local != nullptr && !path.empty(); local = local->outer) {
    if (local->name == path.front()) path.clear();
  }
  if (!path.empty()) absent_->insert(std::move(path));
  return error;
}

Result<Value> Evaluation::call(const Node& node) {
  std::vector<Value> arguments;
  arguments.reserve(node.parts.size());
  for (const Node& part : node.parts) {
    ATELIER_TRY(auto argument, of(part));
    arguments.push_back(std::move(argument));
  }
  auto result = apply(node.name, arguments, budget_);
  if (!result) return error_at(node.at, result.error().message);
  return result;
}

Result<Value> Evaluation::list(const Node& node) {
  Value::List items;
  for (const Node& part : node.parts) {
    ATELIER_TRY(auto item, of(part));
    items.push_back(std::move(item));
  }
  auto made = budget_.sized(Value(std::move(items)));
  if (!made) return error_at(node.at, made.error().message);
  return made;
}

Result<Value> Evaluation::map(const Node& node) {
  Value::Map entries;
  for (std::size_t i = 0; i < node.parts.size(); i += 2) {
    ATELIER_TRY(const auto key, of(node.parts[i]));
    ATELIER_TRY(auto value, of(node.parts[i + 1]));
    auto known = key_of(key);
    const Position at = node.parts[i].at;
    if (!known) return error_at(at, std::string("a map's key is a string, an int or a bool, not ") + key.type_name());
    if (!entries.emplace(std::move(*known), std::move(value)).second) {
      return error_at(at, "the map has the key " + key_text(key) + " twice");
    }
  }
  auto made = budget_.sized(Value(std::move(entries)));
  if (!made) return error_at(node.at, made.error().message);
  return made;
}

Result<Value> Evaluation::logical(const Node& node, bool decisive) {
  Verdict verdict(decisive);
  for (const Node& part : node.parts) {
    auto said = of(part);
    if (budget_.spent()) return said;
    if (verdict.hear(part, std::move(said))) break;
  }
  return verdict.value();
}

Result<bool> Evaluation::condition(const Node& node) {
  ATELIER_TRY(const auto value, of(node));
  if (const auto* flag = value.as<bool>()) return *flag;
  return not_boolean(node, value);
}

Result<Value> Evaluation::choice(const Node& node) {
  ATELIER_TRY(const auto yes, condition(node.parts[0]));
  return of(node.parts[yes ? 1 : 2]);
}

Result<void> Evaluation::each(const Node& node, const Step& step) {
  ATELIER_TRY(const auto range, of(node.parts[0]));
  const auto go_through = [&](const Value& element) -> Result<Next> {
    const Local local{node.name, element, locals_};
    locals_ = &local;
    auto next = step(element);
    locals_ = local.outer;
    return next;
  };
  if (const auto* items = range.as<Value::List>()) {
    for (const Value& item : *items) {
      ATELIER_TRY(const auto next, go_through(item));
      if (next == Next::stop) break;
    }
  } else if (const auto* entries = range.as<Value::Map>()) {
    for (const auto& [key, value] : *entries) {
      ATELIER_TRY(const auto next, go_through(Value(key)));
      if (next == Next::stop) break;
    }
  } else {
    return error_at(node.parts[0].at,
                    std::string("a macro needs a list, or a map for its keys; this is ") + range.type_name());
  }
  return boost::outcome_v2::success();
}

Result<Value> Evaluation::quantified(const Node& node, bool decisive) {
  Verdict verdict(decisive);
  ATELIER_TRY(each(node, [&](const Value&) -> Result<Next> {
    auto said = of(node.parts[1]);
    if (budget_.spent()) return std::move(said).error();
    return verdict.hear(node.parts[1], std::move(said)) ? Next::stop : Next::go_on;
  }));
  return verdict.value();
}

Result<Value> Evaluation::exists_one(const Node& node) {
  std::size_t count = 0;
  ATELIER_TRY(each(node, [&](const Value&) -> Result<Next> {
    ATELIER_TRY(const auto yes, condition(node.parts[1]));
    if (yes) ++count;
    return Next::go_on;
  }));
  return Value(count == 1);
}

Result<Value> Evaluation::collected(const Node& node) {
  const bool filter = node.kind == Node::Kind::filter;
  const Node* wanted = filter ? &node.parts[1] : node.parts.size() == 3 ? &node.parts[2] : nullptr;
  Value::List items;
  ATELIER_TRY(each(node, [&](const Value& element) -> Result<Next> {
    if (wanted != nullptr) {
      ATELIER_TRY(const auto yes, condition(*wanted));
      if (!yes) return Next::go_on;
    }
    Value item = element;
    if (!filter) {
      ATELIER_TRY(item, of(node.parts[1]));
    }
    items.push_back(std::move(item));
    return Next::go_on;
  }));
  auto made = budget_.sized(Value(std::move(items)));
  if (!made) return error_at(node.at, made.error().message);
  return made;
}

}  // namespace atelier::cel
