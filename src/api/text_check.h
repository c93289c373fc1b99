// What a task's texts and expressions refer to: it is there, and known when they are read.
#pragma once

#include <optional>
#include <set>
#include <string>

#include "api/findings.h"
#include "api/graph_check.h"
#include "atelier/api/template_text.h"
#include "atelier/cel/expression.h"

namespace atelier::api {

// Of one task; borrows everything. `last`: the task is one of `finally`; `variables` are those of its expressions.
class TextCheck {
 public:
  TextCheck(Findings& found, const PipelineSpec& spec, const GraphCheck& graph, const Task& task, bool last,
            const cel::Variables& variables)
      : found_(found), spec_(spec), graph_(graph), task_(task), last_(last), variables_(variables) {}

  // command, args and env of the task's own container, or of a sidecar.
  template <class Container>
  void container(const Container& from, const std::string& path) {
    for (std::size_t i = 0; i < from.command.size(); ++i) text(from.command[i], at(path + ".command", i));
    for (std::size_t i = 0; i < from.args.size(); ++i) text(from.args[i], at(path + ".args", i));
    for (std::size_t i = 0; i < from.env.size(); ++i) text(from.env[i].value, at(path + ".env", i) + ".value");
  }

  // when, forEach and retry.when; `path` is the task's.
  void conditions(const std::string& path);

 private:
  void text(const std::string& text, const std::string& path);
  void segment(const Segment& segment, const std::string& path);
  void param(const std::string& name, const std::string& path);
  void result(const Segment& segment, const std::string& path);
  void item(const Segment& segment, const std::string& path);
  void expression(const std::string& text, const std::string& path);
  void condition(const std::string& text, const cel::Variables& variables, const std::string& path);
  void for_each(const ForEach& for_each, const std::string& path);
  void list(const std::string& text, const std::string& path);
  void constant_list(const cel::Expression& expression, const std::string& path);
  bool predecessor(const std::string& name, const std::string& path);
  bool reads_predecessors(const cel::Expression& expression, const std::string& path);
  const std::set<std::string>& without_results();
  const cel::Variables& of_text();

  Findings& found_;
  const PipelineSpec& spec_;
  const GraphCheck& graph_;
  const Task& task_;
  bool last_;
  const cel::Variables& variables_;
  // Once they were asked for:
  std::optional<std::set<std::string>> without_results_;
  std::optional<cel::Variables> of_text_;
};

// Of a parameter or result: what can stand in ${...}.
void check_reference_name(Findings& found, const std::string& name, const std::string& path);

}  // namespace atelier::api
