// What cel-go says to the same expressions: cel_go/run builds cel_go/main.go and runs it.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "atelier/cel/expression.h"

namespace atelier::cel {

// As main.go writes it, which tells ints from doubles. Every NaN is the same; entries are in the order of their keys.
nlohmann::json said_of(const Value& value);
nlohmann::json said_of(const Type& type);

struct Answer {
  enum class Kind { refused, failed, value };

  Kind kind = Kind::refused;
  std::string message;   // of refused and failed
  std::string type;      // of failed and value
  nlohmann::json value;  // of value, as said_of writes it
};

// One for each. Throws if cel-go cannot be built or started.
std::vector<Answer> oracle(const Variables& declared, const Bindings& bindings,
                           const std::vector<std::string>& expressions);

Answer ours(const Variables& declared, const Bindings& bindings, const std::string& expression);

}  // namespace atelier::cel
