// What the pod of an attempt is made of: the task's texts with what they refer to.
#include "atelier/api/expression_scope.h"
#include "atelier/api/typed_text.h"
#include "engine/state.h"

namespace atelier::engine {

// Of a fan-out a JSON list, made once: each of those that follow may insert it.
std::string State::result_of(const Part& from, const std::string& name) const {
  const auto at = from.entry->results.find(name);
  if (!from.is_fan_out()) return at == from.entry->results.end() ? "" : at->second;
  const auto [list, is_new] = from.lists.try_emplace(name);
  if (!is_new) return list->second;
  const cel::Value results = results_of(from);
  const auto* fields = results.as<cel::Value::Map>();
  const auto values = fields->find(api::identifier_of(name));
  return list->second = values == fields->end() ? "[]" : api::text_of(values->second);
}

std::string State::value_of(const Part& part, const Unit& unit, const api::Segment& segment, Problem& problem) const {
  using Kind = api::Segment::Kind;
  const auto item = [&]() -> const cel::Value* {
    const auto index = static_cast<std::size_t>(unit.item);
    return unit.item != kNoItem && index < part.values.size() ? &part.values[index] : nullptr;
  };
  const auto task = [&]() -> const Part* {
    const Node* node = graph_.find(segment.text);
    return node == nullptr ? nullptr : &parts_[node->index];
  };
  switch (segment.kind) {
    case Kind::param: {
      const auto at = params_.find(segment.text);
      return at == params_.end() ? "" : at->second;
    }
    case Kind::task_result:
      return task() == nullptr ? "" : result_of(*task(), segment.result);
    case Kind::task_status:
      return std::string(task() == nullptr ? "" : to_string(task()->entry->state));
    case Kind::run_name:
      return run_.run.name;
    case Kind::run_namespace:
      return run_.run.ns;
    case Kind::run_status:
      return std::string(to_string(phase_of_tasks()));
    case Kind::item:
      return item() == nullptr ? "" : api::text_of(*item());
    case Kind::item_field: {
      const auto* fields = item() == nullptr ? nullptr : item()->as<cel::Value::Map>();
      const auto at = fields == nullptr ? cel::Value::Map::const_iterator{} : fields->find(segment.text);
      if (fields != nullptr && at != fields->end()) return api::text_of(at->second);
      problem.words = "${item." + segment.text + "}: the item " + (item() == nullptr ? "" : api::text_of(*item())) +
                      " has no such member";
      return "";
    }
    case Kind::index:
      return std::to_string(unit.item);
    case Kind::expression:
      return inserted(part, unit, segment.text, problem);
    case Kind::text:
      break;
  }
  return segment.text;
}

std::string State::inserted(const Part& part, const Unit& unit, const std::string& source, Problem& problem) const {
  const auto expression = part.node->inserted.find(source);
  if (expression == part.node->inserted.end()) return "";
  cel::Bindings bindings = bindings_of(part);
  if (unit.item != kNoItem) {
    const auto index = static_cast<std::size_t>(unit.item);
    if (index < part.values.size()) bindings.emplace("item", part.values[index]);
    bindings.emplace("index", cel::Value(unit.item));
  }
  cel::Expression::Paths absent;
  const auto value = expression->second.evaluate(bindings, {}, &absent);
  if (value) return api::text_of(value.value());
  const std::string lacks = lacks_results(part, value.error(), absent);
  if (!lacks.empty() && part.node->last) return "";  // as a result that is inserted plainly
  problem = {lacks.empty() ? "${" + source + "}: " + value.error().message : lacks, !lacks.empty()};
  return "";
}

// Which text is longer than Linux passes to a program, in a sentence; empty if none is.
std::string State::too_long(const CreatePod& pod) {
  constexpr std::size_t kMost = (128U << 10U) - 1;  // MAX_ARG_STRLEN without the end of the string, execve(2)
  std::string found;
  const auto check = [&found](const std::string& text, const std::string& what) {
    if (text.size() <= kMost || !found.empty()) return;
    found = what + " is " + std::to_string(text.size()) +
            " bytes long with what it inserts, and Linux passes at most " + std::to_string(kMost) +
            " to a program; insert less, use forEach, or pass a reference to stored data";
  };
  const auto check_all = [&check](const auto& container, const std::string& of) {
    for (const std::string& text : container.command) check(text, of + "command");
    for (const std::string& text : container.args) check(text, of + "args");
    for (const api::EnvVar& variable : container.env) check(variable.name + "=" + variable.value, of + "env");
  };
  check_all(pod, "");
  for (const api::Sidecar& sidecar : pod.sidecars) check_all(sidecar, "sidecar " + sidecar.name + ": ");
  return found;
}

std::optional<CreatePod> State::pod_for(const Part& part, const Unit& unit, Problem& problem) const {
  const api::Task& task = part.task();
  if (unit.item != kNoItem && static_cast<std::size_t>(unit.item) >= part.values.size()) {
    problem.words = "the list of the items is not what it was when they began";
    return std::nullopt;
  }
  const auto value = [&](const api::Segment& segment) { return value_of(part, unit, segment, problem); };
  const auto filled = [&value](const std::string& text) {
    const auto segments = api::parse_template(text);
    return segments ? api::render_template(segments.value(), value) : text;
  };
  CreatePod create;
  create.task = task.name;
  create.item = unit.item;
  create.attempt = unit.entry->attempt + 1;
  create.pod_name = name_of(part, unit, create.attempt);
  create.image = task.image;
  create.command = task.command;
  create.args = task.args;
  create.env = task.env;
  create.timeout = task.timeout;
  create.sidecars = task.sidecars;
  create.out_of_memory = unit.entry->out_of_memory;
  const auto fill = [&filled](auto& container) {
    for (std::string& text : container.command) text = filled(text);
    for (std::string& text : container.args) text = filled(text);
    for (api::EnvVar& variable : container.env) variable.value = filled(variable.value);
  };
  fill(create);
  for (api::Sidecar& sidecar : create.sidecars) fill(sidecar);
  if (!problem.words.empty()) return std::nullopt;
  return create;
}

}  // namespace atelier::engine
