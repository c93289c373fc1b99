#include "atelier/api/expression_scope.h"

#include <algorithm>
#include <map>
#include <utility>

namespace atelier::api {
namespace {

using cel::Type;

template <class Item>
Type strings_of(const std::vector<Item>& items) {
  std::map<std::string, int> times;
  for (const Item& item : items) ++times[identifier_of(item.name)];
  Type::Fields fields;
  for (const auto& [name, count] : times) {
    if (count == 1) fields.emplace(name, Type::string());
  }
  return Type::object(std::move(fields));
}

}  // namespace

std::string identifier_of(std::string_view name) {
  std::string out{name};
  std::replace(out.begin(), out.end(), '-', '_');
  return out;
}

cel::Variables variables_of_when(const PipelineSpec& spec, const std::function<bool(const Task&)>& known, bool last) {
  Type::Fields tasks;
  for (const Task& task : spec.tasks) {
    if (!known(task)) continue;
    tasks.emplace(identifier_of(task.name),
                  Type::object({{"results", strings_of(task.results)}, {"status", Type::string()}}));
  }
  Type::Fields run{{"name", Type::string()}, {"namespace", Type::string()}};
  if (last) run.emplace("status", Type::string());
  return {{"params", strings_of(spec.params)},
          {"run", Type::object(std::move(run))},
          {"tasks", Type::object(std::move(tasks))}};
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

}  // namespace atelier::api
