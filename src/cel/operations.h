// What operators, functions and methods do.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "atelier/cel/expression.h"

namespace atelier::cel {

// What is left of the limits. Once something has cost too much, the evaluation is over: no operator absorbs that.
class Budget {
 public:
  explicit Budget(const Limits& limits) : limits_(limits), steps_(limits.steps) {}

  Result<void> charge(std::size_t steps);
  // For reading, or copying, so many bytes or elements.
  Result<void> charge_reading(std::size_t size) { return charge(size / 32); }
  // Whether a value of this weight may be made.
  Result<void> fits(const char* type, std::size_t weight);
  Result<Value> sized(Value value);
  bool spent() const { return spent_; }

 private:
  Limits limits_;
  std::size_t steps_;
  bool spent_ = false;
};

// Error: invalid, without a position. Depends on the values alone, not on what the checker thought of them.
Result<Value> apply(const std::string& name, const std::vector<Value>& arguments, Budget& budget);

// The value of a map's key, or of an object's field; nothing if there is none.
const Value* entry(const Value::Map& map, const Value& key);

}  // namespace atelier::cel
