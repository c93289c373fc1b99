#include <algorithm>
#include <set>

#include "api/text_check.h"
#include "atelier/api/dependency.h"
#include "atelier/api/expression_scope.h"
#include "atelier/base/text.h"

namespace atelier::api {
namespace {

constexpr std::size_t kMostWritten = 1'000;  // items
constexpr std::size_t kLongestItem = 4'096;  // characters
constexpr std::size_t kExcerpt = 120;

}  // namespace

void check_reference_name(Findings& found, const std::string& name, const std::string& path) {
  const auto segments = parse_template("${params." + name + "}");
  const bool starts_well = !name.empty() && name.front() != '-' && !(name.front() >= '0' && name.front() <= '9');
  const bool is_one = segments && segments.value().size() == 1 && segments.value()[0].kind == Segment::Kind::param;
  if (starts_well && name.size() <= 63 && is_one) return;
  found.add("InvalidName", path,
            "\"" + name + "\" should be at most 63 letters, digits, \"_\" and \"-\", and start with a letter or \"_\"");
}

void TextCheck::conditions(const std::string& path) {
  if (!task_.when.empty()) condition(task_.when, variables_, path + ".when");
  if (task_.for_each) for_each(*task_.for_each, path + ".forEach");
  if (!task_.retry.when.empty()) condition(task_.retry.when, variables_of_retry(), path + ".retry.when");
}

void TextCheck::text(const std::string& text, const std::string& path) {
  const auto segments = parse_template(text);
  if (!segments) {
    found_.add("UnknownReference", path, segments.error().message);
    return;
  }
  for (const Segment& one : segments.value()) segment(one, path);
}

void TextCheck::segment(const Segment& segment, const std::string& path) {
  switch (segment.kind) {
    case Segment::Kind::param:
      return param(segment.text, path);
    case Segment::Kind::task_result:
      return result(segment, path);
    case Segment::Kind::task_status:
      predecessor(segment.text, path);
      return;
    case Segment::Kind::run_status:
      if (!last_) found_.add("UnknownReference", path, "${run.status} is known in spec.finally only");
      return;
    case Segment::Kind::item:
    case Segment::Kind::item_field:
    case Segment::Kind::index:
      return item(segment, path);
    case Segment::Kind::expression:
      return expression(segment.text, path);
    case Segment::Kind::text:
    case Segment::Kind::run_name:
    case Segment::Kind::run_namespace:
      return;
  }
}

void TextCheck::param(const std::string& name, const std::string& path) {
  const auto same = [&name](const Param& param) { return param.name == name; };
  if (std::any_of(spec_.params.begin(), spec_.params.end(), same)) return;
  found_.add("UnknownParameter", path, "spec.params has no \"" + name + "\"; add it there or correct the name");
}

void TextCheck::result(const Segment& segment, const std::string& path) {
  const Task* from = graph_.find(segment.text);
  const auto same = [&segment](const TaskResult& result) { return result.name == segment.result; };
  if (from != nullptr && std::none_of(from->results.begin(), from->results.end(), same)) {
    found_.add("UnknownReference", path,
               "task \"" + segment.text + "\" declares no result \"" + segment.result + "\"; add it to its results");
    return;
  }
  if (!predecessor(segment.text, path) || last_) return;
  if (!without_results().contains(segment.text)) return;
  found_.add("UnknownReference", path,
             "task \"" + task_.name + "\" runs only when \"" + segment.text +
                 "\" has no results; use them elsewhere or depend on its success");
}

// Predecessors that have not succeeded when this task runs.
const std::set<std::string>& TextCheck::without_results() {
  if (without_results_) return *without_results_;
  without_results_.emplace();
  for (const std::string& text : task_.depends_on) {
    const auto need = parse_dependency(text);
    if (!need || (need.value().on != Ending::failed && need.value().on != Ending::skipped)) continue;
    without_results_->insert(need.value().task);
  }
  return *without_results_;
}

// ${item}, ${item.NAME} and ${index}.
void TextCheck::item(const Segment& segment, const std::string& path) {
  if (!task_.for_each) {
    const bool index = segment.kind == Segment::Kind::index;
    found_.add(
        "UnknownReference", path,
        std::string(index ? "${index}" : "${item}") + " is known in a task with forEach only; add that, or remove it");
    return;
  }
  if (segment.kind != Segment::Kind::item_field) return;
  const cel::Type& type = of_text().at("item");
  if (type.is(cel::Type::Kind::dynamic) || type.is(cel::Type::Kind::map)) return;
  if (type.is(cel::Type::Kind::object) && type.fields().contains(segment.text)) return;
  found_.add("UnknownReference", path,
             "an item is of type " + type.text() + " and has no \"" + segment.text + "\"; write ${item}");
}

void TextCheck::expression(const std::string& text, const std::string& path) {
  const auto compiled = cel::Expression::compile(text, of_text());
  if (compiled) {
    reads_predecessors(compiled.value(), path);
  } else {
    found_.add("InvalidExpression", path,
               "\"${" + bounded(text, kExcerpt) + "}\" is no expression: " + compiled.error().message +
                   "; $${ stands for a literal ${");
  }
}

bool TextCheck::reads_predecessors(const cel::Expression& expression, const std::string& path) {
  bool good = true;
  std::set<std::string> told;
  for (const cel::Expression::Path& read : expression.reads()) {
    if (read[0] != "tasks") continue;
    if (read.size() == 1) {
      found_.add("InvalidExpression", path, "uses all of tasks at once; name the task, as in tasks.extract.status");
      return false;
    }
    const Task* const other = graph_.find_identifier(read[1]);
    if (other != nullptr && told.insert(other->name).second) good = predecessor(other->name, path) && good;
  }
  return good;
}

void TextCheck::condition(const std::string& text, const cel::Variables& variables, const std::string& path) {
  const auto compiled = compile_condition(text, variables);
  if (compiled) {
    reads_predecessors(compiled.value(), path);
  } else {
    found_.add("InvalidExpression", path, compiled.error().message);
  }
}

void TextCheck::for_each(const ForEach& for_each, const std::string& path) {
  if (for_each.items.empty() == for_each.in.empty()) {
    found_.add("InvalidValue", path, "should have exactly one of items and in");
  }
  if (for_each.items.size() > kMostWritten) {
    found_.add("InvalidValue", path + ".items",
               "has " + std::to_string(for_each.items.size()) + " items; at most " + std::to_string(kMostWritten) +
                   " can be written there");
  }
  for (std::size_t i = 0; i < for_each.items.size(); ++i) {
    found_.length(for_each.items[i], kLongestItem, at(path + ".items", i));
  }
  if (!for_each.in.empty()) list(for_each.in, path + ".in");
}

void TextCheck::list(const std::string& text, const std::string& path) {
  const auto compiled = compile_list(text, variables_);
  if (!compiled) {
    found_.add("InvalidExpression", path, compiled.error().message);
  } else if (reads_predecessors(compiled.value(), path) && compiled.value().reads().empty()) {
    constant_list(compiled.value(), path);
  }
}

// One that says the same in every run can be asked now.
void TextCheck::constant_list(const cel::Expression& expression, const std::string& path) {
  const auto said = expression.evaluate({});
  if (!said) {
    found_.add("InvalidExpression", path, said.error().message);
    return;
  }
  const auto* items = said.value().as<cel::Value::List>();
  if (items == nullptr) {
    found_.add("InvalidExpression", path, std::string("is a ") + said.value().type_name() + ", should be a list");
  } else if (items->size() > kMostItems) {
    found_.add("InvalidExpression", path,
               "makes " + std::to_string(items->size()) + " items; a run has at most " + std::to_string(kMostItems));
  }
}

// Whether `name` is a task that has ended when this one starts.
bool TextCheck::predecessor(const std::string& name, const std::string& path) {
  if (!graph_.has(name)) {
    found_.add("UnknownReference", path, "there is no task \"" + name + "\"; the tasks are " + graph_.names());
  } else if (!last_ && !graph_.waits_for(task_.name, name)) {
    found_.add("UnknownReference", path,
               "task \"" + task_.name + "\" does not wait for \"" + name + "\"; add it to its dependsOn");
  } else {
    return true;
  }
  return false;
}

const cel::Variables& TextCheck::of_text() {
  if (!of_text_) of_text_ = with_item(variables_, task_);
  return *of_text_;
}

}  // namespace atelier::api
