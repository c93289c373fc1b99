#include "atelier/api/template_text.h"

#include <algorithm>

namespace atelier::api {
namespace {

// A parameter's, task's or result's name: no dots, so that a reference splits in one way only.
bool is_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
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
  return invalid("\"${" + std::string(inside) +
                 "}\" is no reference; there are ${params.NAME}, ${tasks.TASK.results.NAME}, ${tasks.TASK.status}, "
                 "${run.name}, ${run.namespace} and, in finally, ${run.status}, and $${ stands for a literal ${");
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
    const std::size_t close = text.find('}');
    if (close == std::string_view::npos) {
      return invalid("\"${" + std::string(text) + "\" is not closed by \"}\"; write $${ for a literal ${");
    }
    ATELIER_TRY(auto segment, reference(text.substr(0, close)));
    segments.push_back(std::move(segment));
    text.remove_prefix(close + 1);
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
