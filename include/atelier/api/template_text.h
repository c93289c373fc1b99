// Texts with ${…} in command, args and env values of a task. Parsed once; what is inserted is never read again.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "atelier/base/result.h"

namespace atelier::api {

// ${params.NAME}, ${tasks.TASK.results.NAME}, ${tasks.TASK.status}, ${run.name}, ${run.namespace}, ${run.status},
// ${item}, ${item.NAME}, ${index}, an expression as in ${params.n * 2}, or text as it stands. An expression is what has
// a character that no reference has, even if it is a space.
struct Segment {
  enum class Kind {
    text,
    param,
    task_result,
    task_status,
    run_name,
    run_namespace,
    run_status,
    item,
    item_field,
    index,
    expression
  };

  Kind kind = Kind::text;
  std::string text;    // the text; or the name of the parameter, of the task or of the item's field; or the expression
  std::string result;  // of a task_result

  bool operator==(const Segment&) const = default;
};

// "$${" stands for a literal "${"; any other "$" is itself. Expressions are not compiled here.
// Error: invalid, naming the reference that is none, or the "${" that is not closed.
Result<std::vector<Segment>> parse_template(std::string_view text);

// The kubelet expands $(NAME) in command, args and env. The author's own stay; in what is inserted every "$" is
// doubled, so that a value arrives as it is. Source: Kubernetes API reference, Container.command.
std::string render_template(const std::vector<Segment>& segments,
                            const std::function<std::string(const Segment&)>& value_of);

}  // namespace atelier::api
