// Values of parameters and results. They are written as text, whatever their type: an int as 5, a list as ["a","b"].
#pragma once

#include <string>
#include <string_view>

#include "atelier/base/result.h"
#include "atelier/cel/type.h"
#include "atelier/cel/value.h"

namespace atelier::api {

// Of a Param's or TaskResult's type. What is no such name is a string.
cel::Type type_of(std::string_view type);

// A string takes any text; an int is canonical decimal, a bool true or false, a list or map JSON.
// Error: invalid, saying what would be right.
Result<cel::Value> value_of_text(std::string_view type, const std::string& text);

// A string as it is, anything else as JSON without spaces.
std::string text_of(const cel::Value& value);

}  // namespace atelier::api
