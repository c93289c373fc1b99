#include "engine/graph.h"

#include <algorithm>
#include <deque>

#include "atelier/api/expression_scope.h"
#include "atelier/api/template_text.h"

namespace atelier::engine {

Graph::Graph(const api::PipelineSpec& spec) : spec_(&spec) {
  for (const api::Task& task : spec.tasks) add(task, false);
  for (const api::Task& task : spec.finally) add(task, true);
  sort();
  if (!problem_.empty()) return;
  for (Node& node : order_) {
    if (!node.last) by_identifier_.emplace(api::identifier_of(node.task->name), node.index);
    compile(node);
  }
  for (Node& node : order_) read(node);
  if (!problem_.empty()) return;
  for (const Node& node : order_) {
    std::set<std::size_t> before;
    for (const Node::Need& need : node.needs) before.insert(need.node);
    before.insert(node.reads.begin(), node.reads.end());
    for (const std::size_t other : before) order_[other].followers.push_back(node.index);
  }
}

void Graph::blame(const api::Task& task, const std::string& words) {
  if (problem_.empty()) problem_ = "task \"" + task.name + "\": " + words;
}

void Graph::add(const api::Task& task, bool last) {
  const auto [at, added] = by_name_.try_emplace(task.name, order_.size());
  if (!added) {
    if (problem_.empty()) problem_ = "there are two tasks \"" + task.name + "\"";
    return;
  }
  Node node;
  node.task = &task;
  node.last = last;
  order_.push_back(std::move(node));
  if (last && !task.depends_on.empty()) blame(task, "it is of finally and depends on others");
}

// Puts what stands as written into order, and resolves names on the way.
void Graph::sort() {
  std::vector<std::vector<api::Dependency>> needs(order_.size());
  std::vector<std::vector<std::size_t>> followers(order_.size());
  std::vector<std::size_t> waits(order_.size());
  std::deque<std::size_t> free;
  std::size_t tasks = 0;
  for (std::size_t i = 0; i < order_.size(); ++i) {
    if (order_[i].last) continue;
    ++tasks;
    std::set<std::string> known;
    for (const std::string& text : order_[i].task->depends_on) {
      auto need = api::parse_dependency(text);
      if (!need) {
        blame(*order_[i].task, need.error().message);
        continue;
      }
      if (!known.insert(need.value().task).second) continue;
      const auto before = by_name_.find(need.value().task);
      if (before == by_name_.end() || order_[before->second].last) {
        blame(*order_[i].task, "it depends on \"" + need.value().task + "\", which is no task before it");
        continue;
      }
      followers[before->second].push_back(i);
      needs[i].push_back(std::move(need).value());
    }
    waits[i] = needs[i].size();
    if (waits[i] == 0) free.push_back(i);
  }
  std::vector<std::size_t> sorted;
  while (!free.empty()) {
    sorted.push_back(free.front());
    free.pop_front();
    for (const std::size_t follower : followers[sorted.back()]) {
      if (--waits[follower] == 0) free.push_back(follower);
    }
  }
  if (sorted.size() < tasks) {
    if (problem_.empty()) problem_ = "tasks wait for each other in a circle";
    for (std::size_t i = 0; i < tasks; ++i) {
      if (waits[i] > 0) sorted.push_back(i);
    }
  }
  for (std::size_t i = tasks; i < order_.size(); ++i) sorted.push_back(i);
  std::vector<Node> order;
  order.reserve(sorted.size());
  written_.resize(sorted.size());
  for (const std::size_t i : sorted) {
    written_[i] = order.size();
    order_[i].index = order.size();
    by_name_[order_[i].task->name] = order.size();
    order.push_back(std::move(order_[i]));
    for (const api::Dependency& need : needs[i]) order.back().needs.push_back({by_name_.at(need.task), need.on});
  }
  order_ = std::move(order);
}

std::optional<cel::Expression> Graph::condition(const api::Task& task, const std::string& text,
                                                const cel::Variables& variables) {
  if (text.empty()) return std::nullopt;
  auto compiled = api::compile_condition(text, variables);
  if (compiled) return std::move(compiled).value();
  blame(task, compiled.error().message);
  return std::nullopt;
}

void Graph::compile(Node& node) {
  const api::Task& task = *node.task;
  node.retry_when = condition(task, task.retry.when, api::variables_of_retry());
  const bool has_in = task.for_each && !task.for_each->in.empty();
  std::vector<std::string> sources;
  for (const std::string* text : templates_of(task)) {
    const auto segments = api::parse_template(*text);
    if (!segments) {
      blame(task, segments.error().message);
      continue;
    }
    for (const api::Segment& segment : segments.value()) {
      if (segment.kind == api::Segment::Kind::expression) sources.push_back(segment.text);
    }
  }
  if (task.when.empty() && !has_in && sources.empty()) return;
  node.when = condition(task, task.when, variables_of(node));
  const auto kept = [&](Result<cel::Expression> compiled) -> std::optional<cel::Expression> {
    if (compiled) return std::move(compiled).value();
    blame(task, compiled.error().message);
    return std::nullopt;
  };
  if (has_in) node.in = kept(api::compile_list(task.for_each->in, variables_of(node)));
  if (sources.empty()) return;
  const cel::Variables of_texts = api::with_item(variables_of(node), task);
  for (const std::string& source : sources) {
    if (auto compiled = kept(cel::Expression::compile(source, of_texts)))
      node.inserted.emplace(source, std::move(*compiled));
  }
}

const cel::Variables& Graph::variables_of(const Node& node) {
  std::optional<cel::Variables>& made = node.last ? of_finally_ : of_tasks_;
  if (!made) made = api::variables_of(*spec_, node.last);
  return *made;
}

void Graph::read(Node& node) {
  read_texts(node);
  for (const auto* one : {&node.when, &node.in}) {
    if (*one) read_expression(node, **one);
  }
  for (const auto& [source, expression] : node.inserted) read_expression(node, expression);
}

void Graph::note_read(Node& node, const std::string& task, bool as_input) {
  const auto at = by_name_.find(task);
  if (at == by_name_.end() || order_[at->second].last || at->second >= node.index) {
    return blame(*node.task, "it reads \"" + task + "\", which is no task before it");
  }
  const auto add = [&](std::vector<std::size_t>& to) {
    if (std::find(to.begin(), to.end(), at->second) == to.end()) to.push_back(at->second);
  };
  add(node.reads);
  if (as_input) add(node.inputs);
}

void Graph::read_texts(Node& node) {
  for (const std::string* text : templates_of(*node.task)) {
    const auto segments = api::parse_template(*text);
    if (!segments) continue;
    for (const api::Segment& segment : segments.value()) {
      const bool result = segment.kind == api::Segment::Kind::task_result;
      if (!result && segment.kind != api::Segment::Kind::task_status) continue;
      note_read(node, segment.text, result);
      const auto at = by_name_.find(segment.text);
      if (result && at != by_name_.end()) order_[at->second].consumed.insert(segment.result);
    }
  }
}

// What it reads of results is handed on as well.
void Graph::read_expression(Node& node, const cel::Expression& expression) {
  for (const cel::Expression::Path& path : expression.reads()) {
    if (path.size() < 2 || path[0] != "tasks") continue;
    const auto at = by_identifier_.find(path[1]);
    if (at == by_identifier_.end()) continue;  // it was compiled, so that there is one
    Node& from = order_[at->second];
    note_read(node, from.task->name, false);
    if (path.size() > 2 && path[2] != "results") continue;
    for (const api::TaskResult& result : from.task->results) {  // all, where it is not said which
      if (path.size() < 4 || api::identifier_of(result.name) == path[3]) from.consumed.insert(result.name);
    }
  }
}

const Node* Graph::find(const std::string& task) const {
  const auto at = by_name_.find(task);
  return at == by_name_.end() ? nullptr : &order_[at->second];
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
