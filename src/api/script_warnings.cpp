// References in the script of `sh -c` or `python -c`: what is inserted there is read as code.
#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <set>

#include "api/warnings.h"
#include "atelier/api/expression_scope.h"
#include "atelier/api/template_text.h"
#include "atelier/api/typed_text.h"
#include "atelier/base/text.h"

namespace atelier::api {
namespace {

constexpr std::size_t kExcerpt = 120;
constexpr std::array<std::string_view, 6> kShells = {"sh", "bash", "dash", "ash", "ksh", "zsh"};

struct Argument {
  std::string text;
  std::string path;
};

enum class Language { shell, python };

std::optional<Language> language_of(std::string_view program) {
  const std::string_view name = program.substr(program.rfind('/') + 1);  // npos + 1 is 0
  if (std::find(kShells.begin(), kShells.end(), name) != kShells.end()) return Language::shell;
  constexpr std::string_view kPython = "python";
  const bool python =
      name.starts_with(kPython) && name.find_first_not_of("0123456789.", kPython.size()) == std::string_view::npos;
  return python ? std::optional(Language::python) : std::nullopt;
}

// Short options in one argument, such as -c or -euo.
bool is_cluster(std::string_view argument) {
  return argument.size() > 1 && (argument[0] == '-' || argument[0] == '+') &&
         std::all_of(argument.begin() + 1, argument.end(), [](unsigned char c) { return std::isalpha(c) != 0; });
}

// Whether the next argument belongs to this option, so that it is no script's file.
bool takes_another(Language language, std::string_view argument) {
  if (argument == "--rcfile" || argument == "--init-file") return true;
  const char last = is_cluster(argument) ? argument.back() : '\0';
  return language == Language::shell ? last == 'o' || last == 'O' : last == 'W' || last == 'X';
}

// The argument behind -c; nothing where a file is run, or what else is no text of the Pipeline.
const Argument* script_of(Language language, const std::vector<Argument>& arguments) {
  for (std::size_t i = 1; i + 1 < arguments.size(); ++i) {
    const std::string& argument = arguments[i].text;
    if (argument.empty() || (argument[0] != '-' && argument[0] != '+')) return nullptr;
    if (is_cluster(argument) && argument[0] == '-' && argument.back() == 'c') return &arguments[i + 1];
    if (takes_another(language, argument)) ++i;
  }
  return nullptr;
}

class ScriptCheck {
 public:
  ScriptCheck(Findings& found, const PipelineSpec& spec) : found_(found), spec_(spec) {}

  void task(const Task& task, const std::string& path, bool last) {
    task_ = &task;
    last_ = last;
    variables_.reset();
    container(task, path);
    for (std::size_t i = 0; i < task.sidecars.size(); ++i) container(task.sidecars[i], at(path + ".sidecars", i));
  }

 private:
  template <class Container>
  void container(const Container& from, const std::string& path) {
    if (from.command.empty()) return;  // the image's own, which is not known here
    const auto language = language_of(from.command[0]);
    if (!language) return;
    std::vector<Argument> arguments;
    arguments.reserve(from.command.size() + from.args.size());
    for (std::size_t i = 0; i < from.command.size(); ++i) {
      arguments.push_back({from.command[i], at(path + ".command", i)});
    }
    for (std::size_t i = 0; i < from.args.size(); ++i) arguments.push_back({from.args[i], at(path + ".args", i)});
    if (const Argument* script = script_of(*language, arguments)) read(*language, *script);
  }

  void read(Language language, const Argument& script) {
    const auto segments = parse_template(script.text);
    if (!segments) return;
    std::set<std::string> seen;
    for (const Segment& segment : segments.value()) {
      if (!inserts_any_text(segment)) continue;
      const std::string reference = bounded(written(segment), kExcerpt);
      if (!seen.insert(reference).second) continue;
      const std::string name = variable_for(segment);
      found_.add("ReferenceInScript", script.path,
                 "inserts " + reference + " into a script, where it is read as code; write env: [{name: " + name +
                     ", value: \"" + reference + "\"}], and in the script " +
                     (language == Language::shell ? "\"$" + name + "\"" : "os.environ[\"" + name + "\"]"));
    }
  }

  // What comes from a run or a task and is no number or bool: those have no quotes to break.
  bool inserts_any_text(const Segment& segment) {
    switch (segment.kind) {
      case Segment::Kind::param:
        return can_be_text(declared(spec_.params, segment.text));
      case Segment::Kind::task_result: {
        const auto same = [&](const Task& task) { return task.name == segment.text; };
        const auto from = std::find_if(spec_.tasks.begin(), spec_.tasks.end(), same);
        if (from == spec_.tasks.end()) return false;
        return from->for_each || can_be_text(declared(from->results, segment.result));
      }
      case Segment::Kind::item:
        return task_->for_each && can_be_text(variables().at("item"));
      case Segment::Kind::item_field:
        return task_->for_each.has_value();
      case Segment::Kind::expression:
        return expression(segment.text);
      case Segment::Kind::text:
      case Segment::Kind::task_status:
      case Segment::Kind::run_name:
      case Segment::Kind::run_namespace:
      case Segment::Kind::run_status:
      case Segment::Kind::index:
        break;
    }
    return false;
  }

  bool expression(const std::string& text) {
    const auto compiled = cel::Expression::compile(text, variables());
    if (!compiled || !can_be_text(compiled.value().type())) return false;
    const auto reads = compiled.value().reads();
    return std::any_of(reads.begin(), reads.end(), [](const cel::Expression::Path& path) {
      if (path[0] == "tasks") return path.size() < 3 || path[2] == "results";
      return path[0] == "params" || path[0] == "item";
    });
  }

  // An unknown name is somebody else's to report.
  template <class Declared>
  static cel::Type declared(const std::vector<Declared>& all, const std::string& name) {
    const auto found = std::find_if(all.begin(), all.end(), [&](const Declared& one) { return one.name == name; });
    return found == all.end() ? cel::Type::boolean() : type_of(found->type);
  }

  static bool can_be_text(const cel::Type& type) {
    return !type.is(cel::Type::Kind::boolean) && !type.is(cel::Type::Kind::integer) &&
           !type.is(cel::Type::Kind::floating);
  }

  const cel::Variables& variables() {
    if (!variables_) {
      std::optional<cel::Variables>& shared = last_ ? of_finally_ : of_tasks_;
      if (!shared) shared = variables_of(spec_, last_);
      variables_ = with_item(*shared, *task_);
    }
    return *variables_;
  }

  static std::string written(const Segment& segment) {
    switch (segment.kind) {
      case Segment::Kind::param:
        return "${params." + segment.text + "}";
      case Segment::Kind::task_result:
        return "${tasks." + segment.text + ".results." + segment.result + "}";
      case Segment::Kind::item:
        return "${item}";
      case Segment::Kind::item_field:
        return "${item." + segment.text + "}";
      default:
        return "${" + segment.text + "}";
    }
  }

  // A name for what is inserted: DAY for ${params.day}.
  static std::string variable_for(const Segment& segment) {
    if (segment.kind == Segment::Kind::expression) return "VALUE";
    if (segment.kind == Segment::Kind::item) return "ITEM";
    std::string name = segment.kind == Segment::Kind::task_result ? segment.result : segment.text;
    for (char& c : name) c = c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return name;
  }

  Findings& found_;
  const PipelineSpec& spec_;
  const Task* task_ = nullptr;
  bool last_ = false;
  std::optional<cel::Variables> variables_;  // of task_
  std::optional<cel::Variables> of_tasks_, of_finally_;
};

}  // namespace

void warn_of_scripts(Findings& found, const PipelineSpec& spec) {
  ScriptCheck check(found, spec);
  for (std::size_t i = 0; i < spec.tasks.size(); ++i) check.task(spec.tasks[i], at("spec.tasks", i), false);
  for (std::size_t i = 0; i < spec.finally.size(); ++i) check.task(spec.finally[i], at("spec.finally", i), true);
}

}  // namespace atelier::api
