// One evaluation of a tree.
#pragma once

#include <functional>

#include "atelier/cel/expression.h"
#include "cel/node.h"
#include "cel/operations.h"

namespace atelier::cel {

class Evaluation {
 public:
  // `absent`, which may be null, is told what is not there.
  Evaluation(const Bindings& bindings, const Limits& limits, Expression::Paths* absent)
      : bindings_(bindings), budget_(limits), absent_(absent) {}

  Result<Value> of(const Node& node);

 private:
  struct Local {
    const std::string& name;
    const Value& value;
    const Local* outer;
  };
  enum class Next { go_on, stop };
  // Sees what the macro's first argument after the range is for an element.
  using Step = std::function<Result<Next>(const Value& element)>;

  Result<Value> variable(const Node& node) const;
  Result<Value> field(const Node& node);
  Error not_there(const Node& node) const;
  Result<Value> call(const Node& node);
  Result<Value> list(const Node& node);
  Result<Value> map(const Node& node);
  Result<Value> logical(const Node& node, bool decisive);
  Result<Value> choice(const Node& node);
  Result<Value> quantified(const Node& node, bool decisive);
  Result<Value> exists_one(const Node& node);
  Result<Value> collected(const Node& node);
  Result<void> each(const Node& node, const Step& step);
  Result<bool> condition(const Node& node);

  const Bindings& bindings_;
  Budget budget_;
  Expression::Paths* absent_;
  const Local* locals_ = nullptr;
};

}  // namespace atelier::cel
