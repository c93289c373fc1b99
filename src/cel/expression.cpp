#include "atelier/cel/expression.h"

#include <utility>

#include "cel/checker.h"
#include "cel/evaluation.h"

namespace atelier::cel {

Result<Expression> Expression::compile(std::string_view source, const Variables& declared) {
  ATELIER_TRY(auto root, parse(source));
  ATELIER_TRY(auto type, Checker(declared).check(root));
  return Expression(std::make_shared<const Node>(std::move(root)), std::move(type));
}

Result<std::size_t> Expression::end_in(std::string_view text) { return closing_brace(text); }

Result<Value> Expression::evaluate(const Bindings& bindings, const Limits& limits, Paths* absent) const {
  return Evaluation(bindings, limits, absent).of(*root_);
}

}  // namespace atelier::cel
