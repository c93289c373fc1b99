#include "engine/graph.h"

#include <algorithm>
#include <deque>

#include "atelier/api/expression_scope.h"
#include "atelier/api/template_text.h"

namespace atelier::engine {

Graph::Graph(const api::PipelineSpec& spec) {
  for (const api::Task& task : spec.tasks) add(task, false);
  for (const api::Task& task : spec.finally) add(task, true);
  if (problem_.empty()) read_conditions(spec);
  if (problem_.empty()) sort();
}

void Graph::add(const api::Task& task, bool last) {
  const auto [at, added] = nodes_.try_emplace(task.name);
  if (!added) {
    if (problem_.empty()) problem_ = "there are two tasks \"" + task.name + "\"";
    return;
  }
  Node& node = at->second;
  node.task = &task;
  node.last = last;
  for (const std::string& text : task.depends_on) {
    auto need = api::parse_dependency(text);
    if (!need) {
      problem_ = "task \"" + task.name + "\": " + need.error().message;
      continue;
    }
    const auto same = [&need](const api::Dependency& other) { return other.task == need.value().task; };
    if (std::none_of(node.needs.begin(), node.needs.end(), same)) node.needs.push_back(std::move(need).value());
  }
  if (last && !node.needs.empty()) problem_ = "task \"" + task.name + "\" of finally depends on others";
  read_texts(node);
  written_.push_back(&node);
}

void Graph::read_texts(Node& node) {
  for (const std::string* text : templates_of(*node.task)) {
    const auto segments = api::parse_template(*text);
    if (!segments) {
      problem_ = "task \"" + node.task->name + "\": " + segments.error().message;
      continue;
    }
    for (const api::Segment& segment : segments.value()) {
      if (segment.kind == api::Segment::Kind::task_status) node.reads.insert(segment.text);
      if (segment.kind != api::Segment::Kind::task_result) continue;
      node.reads.insert(segment.text);
      consumed_[segment.text].insert(segment.result);
      node.inputs.insert(segment.text);
    }
  }
}

std::optional<cel::Expression> Graph::condition(const api::Task& task, const std::string& text,
                                                const cel::Variables& variables) {
  if (text.empty()) return std::nullopt;
  auto compiled = api::compile_condition(text, variables);
  if (compiled) return std::move(compiled).value();
  problem_ = "task \"" + task.name + "\": " + compiled.error().message;
  return std::nullopt;
}

// What they read of results is handed on as well.
void Graph::read_conditions(const api::PipelineSpec& spec) {
  const auto conditional = [](const Node* node) { return !node->task->when.empty(); };
  cel::Variables of_tasks, of_finally;
  if (std::any_of(written_.begin(), written_.end(), conditional)) {
    const auto known = [](const api::Task&) { return true; };
    of_tasks = api::variables_of_when(spec, known, false);
    of_finally = api::variables_of_when(spec, known, true);
  }
  const cel::Variables of_retry = api::variables_of_retry();
  std::map<std::string, const api::Task*> by_identifier;
  for (const api::Task& task : spec.tasks) by_identifier.emplace(api::identifier_of(task.name), &task);
  for (auto& [name, node] : nodes_) {
    node.when = condition(*node.task, node.task->when, node.last ? of_finally : of_tasks);
    node.retry_when = condition(*node.task, node.task->retry.when, of_retry);
    if (!node.when) continue;
    for (const cel::Expression::Path& path : node.when->reads()) {
      if (path.size() < 2 || path[0] != "tasks") continue;
      const api::Task& from = *by_identifier.at(path[1]);
      node.reads.insert(from.name);
      if (path.size() > 2 && path[2] != "results") continue;
      for (const api::TaskResult& result : from.results) {  // all, where it is not said which
        const bool read = path.size() < 4 || api::identifier_of(result.name) == path[3];
        if (read) consumed_[from.name].insert(result.name);
      }
    }
  }
}

void Graph::sort() {
  std::map<std::string, std::size_t> waits;
  std::map<std::string, std::vector<const Node*>> followers;
  std::deque<const Node*> free;
  std::size_t tasks = 0;
  for (const Node* node : written_) {
    if (node->last) continue;
    ++tasks;
    const std::string& name = node->task->name;
    for (const api::Dependency& need : node->needs) {
      const auto before = nodes_.find(need.task);
      if (before == nodes_.end() || before->second.last) {
        problem_ = "task \"" + name + "\" depends on \"" + need.task + "\", which is no task before it";
      }
      followers[need.task].push_back(node);
    }
    waits[name] = node->needs.size();
    if (node->needs.empty()) free.push_back(node);
  }
  while (!free.empty()) {
    order_.push_back(*free.front());
    free.pop_front();
    for (const Node* follower : followers[order_.back().task->name]) {
      if (--waits[follower->task->name] == 0) free.push_back(follower);
    }
  }
  if (order_.size() < tasks && problem_.empty()) problem_ = "tasks wait for each other in a circle";
  for (const Node* node : written_) {
    if (node->last) order_.push_back(*node);
  }
}

const api::Task* Graph::find(const std::string& task) const {
  const auto at = nodes_.find(task);
  return at == nodes_.end() ? nullptr : at->second.task;
}

const std::set<std::string>& Graph::consumed(const std::string& task) const {
  static const std::set<std::string> kNone;
  const auto at = consumed_.find(task);
  return at == consumed_.end() ? kNone : at->second;
}

std::vector<const std::string*> templates_of(const api::Task& task) {
  std::vector<const std::string*> texts;
  const auto add = [&texts](const auto& container) {
    for (const std::string& text : container.command) texts.push_back(&text);
    for (const std::string& text : container.args) texts.push_back(&text);
    for (const api::EnvVar& variable : container.env) texts.push_back(&variable.value);
  };
  add(task);
  for (const api::Sidecar& sidecar : task.sidecars) add(sidecar);
  return texts;
}

}  // namespace atelier::engine
