#include "atelier/api/template_text.h"

#include <algorithm>

#include "atelier/base/text.h"
#include "atelier/cel/expression.h"

namespace atelier::api {
namespace {

constexpr std::size_t kExcerpt = 120;

bool in_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

// A parameter's, task's or result's name: no dots, so that a reference splits in one way only.
bool is_name(std::string_view text) { return !text.empty() && std::all_of(text.begin(), text.end(), in_name); }

// The dotted words at its beginning.
std::string_view words(std::string_view text) {
  const auto end = std::find_if_not(text.begin(), text.end(), [](char c) { return in_name(c) || c == '.'; });
  return text.substr(0, static_cast<std::size_t>(end - text.begin()));
}

std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> parts;
  for (std::size_t dot; (dot = text.find('.')) != std::string_view::npos; text.remove_prefix(dot + 1)) {
    parts.push_back(text.substr(0, dot));
  }
  parts.push_back(text);
  return parts;
}

Result<Segment> reference(std::string_view inside) {
  const auto parts = split(inside);
  const auto made = [](Segment::Kind kind, std::string_view text = {}, std::string_view result = {}) {
    Segment segment;
    segment.kind = kind;
    segment.text = text;
    segment.result = result;
    return segment;
  };
  if (parts.size() == 2 && parts[0] == "run" && parts[1] == "name") return made(Segment::Kind::run_name);
  if (parts.size() == 2 && parts[0] == "run" && parts[1] == "namespace") return made(Segment::Kind::run_namespace);
  if (parts.size() == 2 && parts[0] == "run" && parts[1] == "status") return made(Segment::Kind::run_status);
  if (parts.size() == 2 && parts[0] == "params" && is_name(parts[1])) return made(Segment::Kind::param, parts[1]);
  if (parts.size() == 4 && parts[0] == "tasks" && parts[2] == "results" && is_name(parts[1]) && is_name(parts[3])) {
    return made(Segment::Kind::task_result, parts[1], parts[3]);
  }
  if (parts.size() == 3 && parts[0] == "tasks" && parts[2] == "status" && is_name(parts[1])) {
    return made(Segment::Kind::task_status, parts[1]);
  }
  if (parts.size() == 1 && parts[0] == "item") return made(Segment::Kind::item);
  if (parts.size() == 2 && parts[0] == "item" && is_name(parts[1])) return made(Segment::Kind::item_field, parts[1]);
  if (parts.size() == 1 && parts[0] == "index") return made(Segment::Kind::index);
  return invalid(
      "\"${" + bounded(inside, kExcerpt) +
      "}\" is no reference; there are ${params.NAME}, ${tasks.TASK.results.NAME}, ${tasks.TASK.status}, "
      "${run.name}, ${run.namespace}, with forEach ${item}, ${item.NAME} and ${index}, in finally ${run.status}, "
      "and expressions such as ${params.n + 1}; $${ stands for a literal ${");
}

// Takes what is in ${...}, and the brace behind it, off the front of the text.
Result<Segment> taken(std::string_view& text) {
  const std::string_view dotted = words(text);
  if (text.substr(dotted.size()).starts_with('}')) {
    text.remove_prefix(dotted.size() + 1);
    return reference(dotted);
  }
  const auto end = cel::Expression::end_in(text);
  const std::string shown = "\"${" + bounded(text, kExcerpt) + "\"";
  if (!end) return invalid(shown + " is no expression: " + end.error().message + "; write $${ for a literal ${");
  if (end.value() == std::string_view::npos) {
    return invalid(shown + " is not closed by \"}\"; write $${ for a literal ${");
  }
  Segment segment;
  segment.kind = Segment::Kind::expression;
  segment.text = text.substr(0, end.value());
  text.remove_prefix(end.value() + 1);
  return segment;
}

void append_text(std::vector<Segment>& segments, std::string_view text) {
  if (text.empty()) return;
  if (segments.empty() || segments.back().kind != Segment::Kind::text) segments.emplace_back();
  segments.back().text += text;
}

// "$$" is the kubelet's escape for "$", whatever follows.
std::string shielded(const std::string& value) {
  std::string out;
  for (const char c : value) out.append(c == '$' ? 2 : 1, c);
  return out;
}

}  // namespace

Result<std::vector<Segment>> parse_template(std::string_view text) {
  std::vector<Segment> segments;
  while (!text.empty()) {
    const std::size_t open = text.find("${");
    if (open == std::string_view::npos) {
      append_text(segments, text);
      break;
    }
    if (open > 0 && text[open - 1] == '$') {
      append_text(segments, text.substr(0, open - 1));
      append_text(segments, "${");
      text.remove_prefix(open + 2);
      continue;
    }
    append_text(segments, text.substr(0, open));
    text.remove_prefix(open + 2);
    ATELIER_TRY(auto segment, taken(text));
    segments.push_back(std::move(segment));
  }
  return segments;
}

std::string render_template(const std::vector<Segment>& segments,
                            const std::function<std::string(const Segment&)>& value_of) {
  std::string out;
  for (const Segment& segment : segments) {
    out += segment.kind == Segment::Kind::text ? segment.text : shielded(value_of(segment));
  }
  return out;
}

}  // namespace atelier::api
