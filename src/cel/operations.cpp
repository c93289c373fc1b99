#include "cel/operations.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "cel/arithmetic.h"
#include "cel/number.h"
#include "cel/token.h"
#include "cel/utf8.h"

namespace atelier::cel {
namespace {

using Arguments = std::vector<Value>;
using Operation = Result<Value> (*)(const Arguments&, Budget&);

// The checker could not know: one of the arguments was dyn. It says what the types turned out to be.
Error no_operation(std::string_view name, const Arguments& arguments) {
  std::string types;
  for (const Value& argument : arguments) types += (types.empty() ? "" : ", ") + std::string(argument.type_name());
  return invalid(in_quotes(name) + " does not work with " + types);
}

const std::string* text(const Value& value) { return value.as<std::string>(); }

Result<Value> add(const Arguments& in, Budget& budget) {
  ATELIER_TRY(budget.charge_reading(in[0].weight() + in[1].weight()));
  if (text(in[0]) != nullptr && text(in[1]) != nullptr) return budget.sized(Value(*text(in[0]) + *text(in[1])));
  const auto* left = in[0].as<Value::List>();
  const auto* right = in[1].as<Value::List>();
  if (left == nullptr || right == nullptr) return arithmetic('+', in[0], in[1]);
  Value::List all = *left;
  all.insert(all.end(), right->begin(), right->end());
  return budget.sized(Value(std::move(all)));
}

Result<Value> opposite(const Arguments& in) {
  if (const auto* number = in[0].as<double>()) return Value(-*number);
  const auto* number = in[0].as<std::int64_t>();
  if (number == nullptr) return no_operation("-", in);
  if (*number != std::numeric_limits<std::int64_t>::min()) return Value(-*number);
  return invalid("-(" + std::to_string(*number) + ") is beyond the 64 bits of an int");
}

template <char kSign>
Result<Value> compute(const Arguments& in, Budget&) {
  return in.size() == 1 ? opposite(in) : arithmetic(kSign, in[0], in[1]);
}

Result<Value> negate(const Arguments& in, Budget&) {
  if (const auto* flag = in[0].as<bool>()) return Value(!*flag);
  return no_operation("!", in);
}

template <bool kEqual>
Result<Value> equal(const Arguments& in, Budget& budget) {
  ATELIER_TRY(budget.charge_reading(std::min(in[0].weight(), in[1].weight())));
  return Value((in[0] == in[1]) == kEqual);
}

Result<std::partial_ordering> order(std::string_view name, const Arguments& in, Budget& budget) {
  ATELIER_TRY(budget.charge_reading(std::min(in[0].weight(), in[1].weight())));
  if (is_number(in[0]) && is_number(in[1])) {
    const auto order = order_of_numbers(in[0], in[1]);
    if (order == std::partial_ordering::unordered) return invalid("NaN is neither less nor greater than a number");
    return order;
  }
  if (text(in[0]) != nullptr && text(in[1]) != nullptr) return std::partial_ordering(*text(in[0]) <=> *text(in[1]));
  if (in[0].as<bool>() != nullptr && in[1].as<bool>() != nullptr) {
    return std::partial_ordering(*in[0].as<bool>() <=> *in[1].as<bool>());
  }
  return no_operation(name, in);
}

Result<Value> less(const Arguments& in, Budget& budget) {
  ATELIER_TRY(const auto found, order("<", in, budget));
  return Value(found < 0);
}

Result<Value> less_or_equal(const Arguments& in, Budget& budget) {
  ATELIER_TRY(const auto found, order("<=", in, budget));
  return Value(found <= 0);
}

Result<Value> greater(const Arguments& in, Budget& budget) {
  ATELIER_TRY(const auto found, order(">", in, budget));
  return Value(found > 0);
}

Result<Value> greater_or_equal(const Arguments& in, Budget& budget) {
  ATELIER_TRY(const auto found, order(">=", in, budget));
  return Value(found >= 0);
}

Result<Value> index(const Arguments& in, Budget&) {
  if (const auto* map = in[0].as<Value::Map>()) {
    const Value* found = entry(*map, in[1]);
    if (found == nullptr) return invalid("the map has no key " + key_text(in[1]));
    return *found;
  }
  const auto* list = in[0].as<Value::List>();
  const auto at = whole(in[1]);
  if (list == nullptr || !at) return no_operation("[]", in);
  if (*at >= 0 && static_cast<std::size_t>(*at) < list->size()) return (*list)[static_cast<std::size_t>(*at)];
  return invalid("the list has " + std::to_string(list->size()) + " elements, and none at index " +
                 std::to_string(*at));
}

Result<Value> contained(const Arguments& in, Budget& budget) {
  if (const auto* map = in[1].as<Value::Map>()) return Value(entry(*map, in[0]) != nullptr);
  const auto* list = in[1].as<Value::List>();
  if (list == nullptr) return no_operation("in", in);
  for (const Value& item : *list) {
    ATELIER_TRY(budget.charge(1));
    ATELIER_TRY(budget.charge_reading(std::min(in[0].weight(), item.weight())));
    if (item == in[0]) return Value(true);
  }
  return Value(false);
}

Result<Value> size(const Arguments& in, Budget& budget) {
  const auto of = [](std::size_t count) { return Value(static_cast<std::int64_t>(count)); };
  if (const auto* list = in[0].as<Value::List>()) return of(list->size());
  if (const auto* map = in[0].as<Value::Map>()) return of(map->size());
  if (text(in[0]) == nullptr) return no_operation("size", in);
  ATELIER_TRY(budget.charge_reading(text(in[0])->size()));
  return of(characters_of(*text(in[0])));
}

template <char kWhere>
Result<Value> searched(const Arguments& in, Budget& budget) {
  const std::string* all = text(in[0]);
  const std::string* part = text(in[1]);
  if (all == nullptr || part == nullptr) {
    return no_operation(kWhere == '^' ? "startsWith" : kWhere == '$' ? "endsWith" : "contains", in);
  }
  ATELIER_TRY(budget.charge_reading((kWhere == '*' ? all->size() : 0) + part->size()));
  if (kWhere == '^') return Value(all->starts_with(*part));
  if (kWhere == '$') return Value(all->ends_with(*part));
  // Unlike std::string::find linear in the worst case.
  return Value(::memmem(all->data(), all->size(), part->data(), part->size()) != nullptr);
}

template <Result<Value> (*kConvert)(const Value&)>
Result<Value> converted(const Arguments& in, Budget& budget) {
  ATELIER_TRY(budget.charge_reading(in[0].weight()));
  return kConvert(in[0]);
}

// The ints from 0 on, below the argument.
Result<Value> range(const Arguments& in, Budget& budget) {
  const auto* end = in[0].as<std::int64_t>();
  if (end == nullptr) return no_operation("lists.range", in);
  const auto count = static_cast<std::size_t>(std::max<std::int64_t>(*end, 0));
  ATELIER_TRY(budget.fits("list", count + 1));
  ATELIER_TRY(budget.charge_reading(count));
  Value::List items;
  items.reserve(count);
  for (std::int64_t i = 0; i < *end; ++i) items.emplace_back(i);
  return Value(std::move(items));
}

Result<Value> same(const Arguments& in, Budget&) { return in[0]; }

const std::map<std::string_view, Operation>& operations() {
  static const std::map<std::string_view, Operation> all = {
      {"+", add},
      {"-", compute<'-'>},
      {"*", compute<'*'>},
      {"/", compute<'/'>},
      {"%", compute<'%'>},
      {"!", negate},
      {"==", equal<true>},
      {"!=", equal<false>},
      {"<", less},
      {"<=", less_or_equal},
      {">", greater},
      {">=", greater_or_equal},
      {"[]", index},
      {"in", contained},
      {"size", size},
      {"startsWith", searched<'^'>},
      {"endsWith", searched<'$'>},
      {"contains", searched<'*'>},
      {"bool", converted<to_boolean>},
      {"double", converted<to_floating>},
      {"int", converted<to_integer>},
      {"string", converted<to_text>},
      {"dyn", same},
      {"lists.range", range},
  };
  return all;
}

}  // namespace

Result<void> Budget::charge(std::size_t steps) {
  if (!spent_ && steps <= steps_) {
    steps_ -= steps;
    return boost::outcome_v2::success();
  }
  spent_ = true;
  return invalid("the expression costs too much: more than " + std::to_string(limits_.steps) + " steps");
}

Result<void> Budget::fits(const char* type, std::size_t weight) {
  if (weight <= limits_.size) return boost::outcome_v2::success();
  spent_ = true;
  return invalid("the expression makes a " + std::string(type) + " of size " + std::to_string(weight) + "; at most " +
                 std::to_string(limits_.size) + " is allowed");
}

Result<Value> Budget::sized(Value value) {
  ATELIER_TRY(fits(value.type_name(), value.weight()));
  return value;
}

Result<Value> apply(const std::string& name, const std::vector<Value>& arguments, Budget& budget) {
  return operations().at(name)(arguments, budget);
}

const Value* entry(const Value::Map& map, const Value& key) {
  Value::Key found_key;
  if (const auto* name = key.as<std::string>()) {
    found_key = *name;
  } else if (const auto* flag = key.as<bool>()) {
    found_key = *flag;
  } else if (const auto number = whole(key)) {
    found_key = *number;
  } else {
    return nullptr;
  }
  const auto found = map.find(found_key);
  return found == map.end() ? nullptr : &found->second;
}

}  // namespace atelier::cel
