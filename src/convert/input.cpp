#include "convert/input.h"

#include <algorithm>

#include "convert/names.h"
#include "convert/secret.h"

namespace atelier::convert {

using nlohmann::json;

namespace {

std::string kind_of(const json& value) {
  if (value.is_object()) return "a map";
  if (value.is_array()) return "a list";
  if (value.is_string()) return "a text";
  if (value.is_boolean()) return "a boolean";
  return value.is_number() ? "a number" : "empty";
}

// Is `path` the field, or something in it?
bool is_within(const std::string& path, const std::string& field) {
  return path.starts_with(field) &&
         (path.size() == field.size() || path[field.size()] == '.' || path[field.size()] == '[');
}

}  // namespace

bool Value::empty() const {
  if (!given()) return true;
  return json_->is_string() ? json_->get_ref<const std::string&>().empty() : json_->is_structured() && json_->empty();
}

void Value::error(const std::string& message) const { input_->error(path_, message); }
void Value::warn(const std::string& message) const { input_->warn(path_, message); }

void Value::wrong(const std::string& expected) const {
  const bool unquoted = expected == "a text" && (json_->is_number() || json_->is_boolean());
  error("is " + kind_of(*json_) + ", should be " + expected + (unquoted ? "; put it into quotes" : ""));
}

Value Value::at(const std::string& step, const json& inner) const {
  return {*input_, inner.is_null() ? nullptr : &inner, path_ + step};
}

std::string Value::text() const {
  if (!given()) return "";
  if (!json_->is_string()) {
    wrong("a text");
    return "";
  }
  auto text = json_->get<std::string>();
  if (!holds_credentials(text)) return text;
  error("holds a URL with credentials in it; keep them in a Secret, and give the URL without them");
  return "";
}

std::string Value::text_or_number() const {
  if (!given() || !json_->is_number_integer()) return text();
  warn("is a number, which Kubernetes refuses here; it becomes a text");
  return json_->dump();
}

std::optional<std::int64_t> Value::whole_number() const {
  if (!given()) return std::nullopt;
  const bool fits = json_->is_number_integer() &&
                    !(json_->is_number_unsigned() && json_->get<std::uint64_t>() > std::uint64_t{INT64_MAX});
  if (fits) return json_->get<std::int64_t>();
  wrong("a whole number");
  return std::nullopt;
}

bool Value::boolean() const {
  if (!given()) return false;
  if (json_->is_boolean()) return json_->get<bool>();
  wrong("true or false");
  return false;
}

std::vector<std::string> Value::texts() const {
  std::vector<std::string> out;
  if (given() && json_->is_string()) {
    wrong("a list of texts, such as [sh, -c, \"...\"]");
    return out;
  }
  for (const Value& item : items()) out.push_back(item.text());
  return out;
}

std::vector<Value> Value::items() const {
  std::vector<Value> out;
  if (!given()) return out;
  if (!json_->is_array()) {
    wrong("a list");
    return out;
  }
  for (std::size_t i = 0; i < json_->size(); ++i) {
    Value item = at("[" + std::to_string(i) + "]", (*json_)[i]);
    if (item.given()) {
      out.push_back(std::move(item));
    } else {
      item.error("is empty; give it a value, or remove it");
    }
  }
  return out;
}

std::vector<std::pair<std::string, Value>> Value::entries() const {
  std::vector<std::pair<std::string, Value>> out;
  if (!given()) return out;
  if (!json_->is_object()) {
    wrong("a map");
    return out;
  }
  for (const auto& [name, inner] : json_->items()) {
    Value entry = at((path_.empty() ? "" : ".") + name, inner);
    if (!entry.given()) entry.warn("is empty, and taken as not given");
    out.emplace_back(name, std::move(entry));
  }
  return out;
}

Value Value::inside() const {
  const auto documents = yaml::parse(json_->get_ref<const std::string&>());
  if (!documents) {
    error("holds a text that is no YAML: " + documents.error().message);
    return {*input_, nullptr, path_};
  }
  if (documents.value().empty()) return {*input_, nullptr, path_};
  if (documents.value().size() > 1) {
    error("holds several YAML documents; make it one list");
    return {*input_, nullptr, path_};
  }
  const yaml::Document& inner = documents.value().front();
  yaml::Document& outer = input_->document_;
  const auto block = outer.blocks.find(path_);
  const int own = outer.line_of(path_);
  for (const auto& [path, line] : inner.lines) {
    const std::string joined = path.empty() || path.front() == '[' ? path_ + path : path_ + "." + path;
    outer.lines.emplace_back(joined, block == outer.blocks.end() ? own : block->second + line - 1);
  }
  return {*input_, &input_->inner_.emplace_back(inner.value), path_};
}

Map::Map(const Value& value, const char* expected)
    : value_(value), readable_(value.given() && value.json_->is_object()) {
  if (value.given() && !readable_) value.wrong(expected);
}

Value Map::take(const std::string& name) {
  known_.push_back(name);
  const std::string path = value_.path_.empty() ? name : value_.path_ + "." + name;
  const auto found = readable_ ? value_.json_->find(name) : json::const_iterator{};
  const bool absent = !readable_ || found == value_.json_->end() || found->is_null();
  return {*value_.input_, absent ? nullptr : &*found, path};
}

Value Map::take_nullable(const std::string& name) {
  nullable_.push_back(name);
  return take(name);
}

bool Map::close() {
  if (!readable_) return false;
  bool all_known = true;
  for (const auto& [name, inner] : value_.json_->items()) {
    const Value field = value_.at((value_.path_.empty() ? "" : ".") + name, inner);
    if (std::find(known_.begin(), known_.end(), name) == known_.end()) {
      all_known = false;
      const std::string meant = nearest(name, known_);
      field.error(meant.empty() ? "there is no such field; the fields here are " + listed(known_)
                                : "there is no such field; do you mean \"" + meant + "\"?");
    } else if (inner.is_null() && std::find(nullable_.begin(), nullable_.end(), name) == nullable_.end()) {
      field.warn("is empty, and taken as not given");
    }
  }
  return all_known;
}

void Input::refuse(const std::string& field, const std::string& message) {
  const std::pair<const std::string, std::string>* best = nullptr;
  for (const auto& origin : origins_) {
    if (is_within(field, origin.first) && (best == nullptr || origin.first.size() > best->first.size())) best = &origin;
  }
  if (best == nullptr) {
    missing(field + ": " + message);
  } else if (best->second.starts_with("--")) {
    missing(best->second + ": " + message);
  } else {
    error(best->second, message);
  }
}

bool Input::refused() const {
  return std::any_of(findings_.begin(), findings_.end(), [](const Finding& one) { return !one.warning; });
}

std::vector<Finding> Input::take_findings() {
  std::multimap<int, Finding> by_line;  // which keeps those of one line in their order
  for (Finding& one : findings_) by_line.emplace(one.line, std::move(one));
  std::vector<Finding> out;
  for (auto& [line, one] : by_line) {
    if (std::find(out.begin(), out.end(), one) == out.end()) out.push_back(std::move(one));
  }
  return out;
}

void Input::add(const std::string& path, const std::string& message, bool warning) {
  findings_.push_back({path, document_.line_of(path), message, warning});
}

}  // namespace atelier::convert
