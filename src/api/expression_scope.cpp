#include "atelier/api/expression_scope.h"

#include <algorithm>
#include <map>
#include <utility>

#include "atelier/api/typed_text.h"

namespace atelier::api {
namespace {

using cel::Type;

// Parameters or results. With forEach each of these is a list, of one for each item.
template <class Declared>
Type fields_of(const std::vector<Declared>& all, bool lists = false) {
  std::map<std::string, int> times;
  for (const Declared& one : all) ++times[identifier_of(one.name)];
  Type::Fields fields;
  for (const Declared& one : all) {
    const std::string name = identifier_of(one.name);
    const Type type = type_of(one.type);
    if (times[name] == 1) fields.emplace(name, lists ? Type::list(type) : type);
  }
  return Type::object(std::move(fields));
}

Type item_of(const ForEach& for_each, const cel::Variables& variables) {
  if (for_each.in.empty()) return Type::string();
  const auto list = compile_list(for_each.in, variables);
  if (!list || !list.value().type().is(Type::Kind::list)) return Type::dynamic();
  return list.value().type().element();
}

}  // namespace

std::string identifier_of(std::string_view name) {
  std::string out{name};
  std::replace(out.begin(), out.end(), '-', '_');
  return out;
}

cel::Variables variables_of(const PipelineSpec& spec, bool last) {
  Type::Fields tasks;
  for (const Task& task : spec.tasks) {
    tasks.emplace(
        identifier_of(task.name),
        Type::object({{"results", fields_of(task.results, task.for_each.has_value())}, {"status", Type::string()}}));
  }
  Type::Fields run{{"name", Type::string()}, {"namespace", Type::string()}};
  if (last) run.emplace("status", Type::string());
  return {{"params", fields_of(spec.params)},
          {"run", Type::object(std::move(run))},
          {"tasks", Type::object(std::move(tasks))}};
}

cel::Variables with_item(cel::Variables variables, const Task& task) {
  if (!task.for_each) return variables;
  Type item = item_of(*task.for_each, variables);
  variables.emplace("item", std::move(item));
  variables.emplace("index", Type::integer());
  return variables;
}

cel::Variables variables_of_retry() {
  return {{"attempt",
           Type::object({{"exitCode", Type::integer()}, {"number", Type::integer()}, {"reason", Type::string()}})}};
}

Result<cel::Expression> compile_condition(const std::string& text, const cel::Variables& variables) {
  ATELIER_TRY(auto expression, cel::Expression::compile(text, variables));
  if (!expression.type().is(Type::Kind::boolean)) {
    return invalid("is of type " + expression.type().text() + ", should be a bool, such as a comparison");
  }
  return expression;
}

Result<cel::Expression> compile_list(const std::string& text, const cel::Variables& variables) {
  ATELIER_TRY(auto expression, cel::Expression::compile(text, variables));
  if (!expression.type().is(Type::Kind::list) && !expression.type().is(Type::Kind::dynamic)) {
    return invalid("is of type " + expression.type().text() +
                   ", should be a list, such as ['a', 'b'] or lists.range(3)");
  }
  return expression;
}

}  // namespace atelier::api
