#include "engine/graph.h"

#include <deque>

#include "atelier/api/template_text.h"

namespace atelier::engine {

Graph::Graph(const std::vector<api::Task>& tasks) {
  for (const api::Task& task : tasks) {
    if (!tasks_.emplace(task.name, &task).second && problem_.empty()) {
      problem_ = "there are two tasks \"" + task.name + "\"";
    }
  }
  if (!problem_.empty()) return;
  sort(tasks);
  find_consumed(tasks);
}

void Graph::sort(const std::vector<api::Task>& tasks) {
  std::map<std::string, std::size_t> waits;
  std::map<std::string, std::vector<const api::Task*>> followers;
  std::deque<const api::Task*> free;
  for (const api::Task& task : tasks) {
    const std::set<std::string> before{task.depends_on.begin(), task.depends_on.end()};
    for (const std::string& name : before) {
      if (!tasks_.contains(name)) problem_ = "task \"" + task.name + "\" depends on \"" + name + "\", which is no task";
      followers[name].push_back(&task);
    }
    waits[task.name] = before.size();
    if (before.empty()) free.push_back(&task);
  }
  while (!free.empty()) {
    order_.push_back(free.front());
    free.pop_front();
    for (const api::Task* follower : followers[order_.back()->name]) {
      if (--waits[follower->name] == 0) free.push_back(follower);
    }
  }
  if (order_.size() < tasks.size() && problem_.empty()) problem_ = "tasks wait for each other in a circle";
}

void Graph::find_consumed(const std::vector<api::Task>& tasks) {
  for (const api::Task& task : tasks) {
    for (const std::string* text : templates_of(task)) {
      const auto segments = api::parse_template(*text);
      if (!segments) {
        problem_ = "task \"" + task.name + "\": " + segments.error().message;
        continue;
      }
      for (const api::Segment& segment : segments.value()) {
        if (segment.kind == api::Segment::Kind::task_result) consumed_[segment.text].insert(segment.result);
      }
    }
  }
}

const api::Task* Graph::find(const std::string& name) const {
  const auto at = tasks_.find(name);
  return at == tasks_.end() ? nullptr : at->second;
}

const std::set<std::string>& Graph::consumed(const std::string& task) const {
  static const std::set<std::string> kNone;
  const auto at = consumed_.find(task);
  return at == consumed_.end() ? kNone : at->second;
}

std::vector<const std::string*> templates_of(const api::Task& task) {
  std::vector<const std::string*> texts;
  texts.reserve(task.command.size() + task.args.size() + task.env.size());
  for (const std::string& text : task.command) texts.push_back(&text);
  for (const std::string& text : task.args) texts.push_back(&text);
  for (const api::EnvVar& variable : task.env) texts.push_back(&variable.value);
  return texts;
}

}  // namespace atelier::engine
