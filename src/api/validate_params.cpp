#include <algorithm>
#include <nlohmann/json.hpp>

#include "api/params_check.h"
#include "api/text_check.h"
#include "atelier/api/typed_text.h"
#include "atelier/base/text.h"

namespace atelier::api {
namespace {

constexpr std::size_t kMostChoices = 100;
constexpr std::size_t kExcerpt = 200;
constexpr std::size_t kLargestParams = 16U << 10U;  // bytes of JSON: a run that takes them over has them in its status

// Of those values that are of the parameter's type.
bool is_choice(const Param& param, const cel::Value& value) {
  return std::any_of(param.choices.begin(), param.choices.end(), [&](const std::string& text) {
    const auto choice = value_of_text(param.type, text);
    return choice && choice.value() == value;
  });
}

// A default, or what a run gives.
void value(Findings& found, const Param& param, const std::string& text, const std::string& path) {
  const auto read = value_of_text(param.type, text);
  if (!read) {
    found.add("InvalidValue", path, read.error().message);
    return;
  }
  if (param.choices.empty() || is_choice(param, read.value())) return;
  std::string choices;
  for (const std::string& one : param.choices) choices += (choices.empty() ? "" : ", ") + one;
  found.add("InvalidValue", path,
            "is \"" + bounded(text, kExcerpt) + "\", should be one of " + bounded(choices, kExcerpt));
}

void size(Findings& found, const std::map<std::string, std::string>& params) {
  using nlohmann::json;
  const std::size_t size = json(params).dump(-1, ' ', false, json::error_handler_t::replace).size();
  if (size <= kLargestParams) return;
  found.add("InvalidValue", "spec.params",
            "have " + std::to_string(size) + " bytes together as JSON, should have at most " +
                std::to_string(kLargestParams) +
                "; put what is large into a file that tasks can read, and give its name");
}

void choices(Findings& found, const Param& param, const std::string& path) {
  if (param.choices.size() > kMostChoices) {
    found.add("InvalidValue", path,
              "has " + std::to_string(param.choices.size()) + " values; at most " + std::to_string(kMostChoices) +
                  " can be written there");
    return;
  }
  cel::Value::List seen;
  for (std::size_t i = 0; i < param.choices.size(); ++i) {
    auto read = value_of_text(param.type, param.choices[i]);
    if (!read) {
      found.add("InvalidValue", at(path, i), read.error().message);
    } else if (std::find(seen.begin(), seen.end(), read.value()) != seen.end()) {
      found.add("InvalidValue", at(path, i),
                "\"" + bounded(param.choices[i], kExcerpt) + "\" is there already; write each value once");
    } else {
      seen.push_back(std::move(read).value());
    }
  }
}

}  // namespace

void check_params(Findings& found, const std::vector<Param>& params, const std::string& path) {
  found.unique(params, path);
  for (std::size_t i = 0; i < params.size(); ++i) {
    const Param& one = params[i];
    check_reference_name(found, one.name, at(path, i) + ".name");
    choices(found, one, at(path, i) + ".enum");
    if (one.default_value) value(found, one, *one.default_value, at(path, i) + ".default");
  }
}

Violations validate_params(const PipelineRunSpec& run, const PipelineSpec& pipeline) {
  Findings found;
  std::string known;
  for (const Param& param : pipeline.params) {
    known += (known.empty() ? "" : ", ") + param.name;
  }
  for (const auto& [name, text] : run.params) {
    const auto same = [&wanted = name](const Param& param) { return param.name == wanted; };
    const auto param = std::find_if(pipeline.params.begin(), pipeline.params.end(), same);
    const std::string path = "spec.params[\"" + name + "\"]";
    if (param == pipeline.params.end()) {
      found.add("UnknownParameter", path,
                known.empty() ? "the Pipeline takes no parameters; remove it"
                              : "the Pipeline has no such parameter; it takes " + known);
    } else {
      value(found, *param, text, path);
    }
  }
  size(found, run.params);
  const auto waits_for_people = [](const Task& task) { return task.approval.has_value(); };
  if (run.author.empty() && std::any_of(pipeline.tasks.begin(), pipeline.tasks.end(), waits_for_people)) {
    found.add("AuthorMissing", "spec.author",
              "is empty, and the Pipeline has approval tasks, which the run's author may not approve; write your own "
              "user name");
  }
  for (const Param& param : pipeline.params) {
    if (param.default_value || run.params.contains(param.name)) continue;
    found.add("MissingParameter", "spec.params",
              "\"" + param.name + "\" has no default and needs a value; set spec.params." + param.name);
  }
  return found.take();
}

}  // namespace atelier::api
