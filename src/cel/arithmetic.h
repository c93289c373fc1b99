// Numbers with numbers, and one kind of value made of another.
#pragma once

#include <string>

#include "atelier/cel/value.h"

namespace atelier::cel {

// + - * / % of two ints, or all but % of two doubles. Error: invalid, for other values, an int that overflows, and an
// int divided by zero.
Result<Value> arithmetic(char sign, const Value& left, const Value& right);

// Errors: invalid, if the value is of a kind, or a text, of which none can be made.
Result<Value> to_boolean(const Value& value);
Result<Value> to_floating(const Value& value);
Result<Value> to_integer(const Value& value);
Result<Value> to_text(const Value& value);

// A key as a message shows it: 'day', 5, true; another value as its type.
std::string key_text(const Value& key);

}  // namespace atelier::cel
