#include "stage/dag_ids.h"

#include <algorithm>
#include <optional>

#include "stage/utf8.h"

namespace atelier::stage {
namespace {

using Kind = PythonToken::Kind;

constexpr int kLongestId = 250;      // characters; Airflow's limit
constexpr int kMostDecorators = 16;  // between @dag and its function

bool has_ignoring_case(std::string_view text, std::string_view lower_word) {
  const auto same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; };
  return std::search(text.begin(), text.end(), lower_word.begin(), lower_word.end(), same) != text.end();
}

// Nothing for bytes, for text with fields or escapes, and for what Airflow would not take.
std::optional<std::string> literal(std::string_view text) {
  const std::size_t prefix = text.find_first_of("\"'");
  if (text.substr(0, prefix).find_first_not_of("rRuU") != std::string_view::npos) return std::nullopt;
  text.remove_prefix(prefix);
  const bool triple = text.size() >= 6 && text[0] == text[1] && text[0] == text[2];
  const std::size_t quotes = triple ? 3 : 1;
  text = text.substr(quotes, text.size() - 2 * quotes);
  if (!may_be_dag_id(text)) return std::nullopt;
  return std::string(text);
}

class Scan {
 public:
  explicit Scan(const std::vector<PythonToken>& tokens) : tokens_(tokens) {}

  std::set<std::string> run() {
    for (std::size_t at = 0; at < tokens_.size(); ++at) {
      if (begins_line(at)) enter_line(at);
      if (function_level_) continue;
      if (is_call_of_dag(at)) add(call(at + 1).id);
      if (begins_line(at) && is(at, "@")) decorator(at);
    }
    return std::move(ids_);
  }

 private:
  struct Call {
    bool silent = true;  // says nothing about the id
    std::optional<std::string> id{};
  };

  bool is(std::size_t at, std::string_view text) const {
    return at < tokens_.size() && tokens_[at].kind != Kind::text && tokens_[at].text == text;
  }
  bool has(std::size_t at, Kind kind) const { return at < tokens_.size() && tokens_[at].kind == kind; }
  bool begins_line(std::size_t at) const { return at == 0 || has(at - 1, Kind::line_end); }
  bool ends_argument(std::size_t at) const { return is(at, ",") || is(at, ")"); }

  void enter_line(std::size_t at) {
    const std::size_t level = tokens_[at].level;
    if (function_level_ && level <= *function_level_) function_level_.reset();
    const bool defines = is(at, "def") || (is(at, "async") && is(at + 1, "def"));
    if (!function_level_ && defines) function_level_ = level;
  }

  void add(std::optional<std::string> id) {
    if (id) ids_.insert(std::move(*id));
  }

  bool is_call_of_dag(std::size_t at) const {
    return is(at, "DAG") && is(at + 1, "(") && (at == 0 || (!is(at - 1, "class") && !is(at - 1, "def")));
  }

  std::size_t closing(std::size_t open) const {
    std::size_t depth = 0;
    for (std::size_t at = open; at < tokens_.size(); ++at) {
      if (is(at, "(") || is(at, "[") || is(at, "{")) ++depth;
      if ((is(at, ")") || is(at, "]") || is(at, "}")) && --depth == 0) return at;
    }
    return tokens_.size();
  }

  // The arguments of the call whose bracket is at `open`.
  Call call(std::size_t open) const {
    const std::size_t end = closing(open);
    if (open + 1 == end) return {};
    const bool positional = !is(open + 2, "=") && !is(open + 1, "*");
    if (positional) return {false, value(open + 1)};
    for (std::size_t at = open + 1; at < end; ++at) {
      if (is(at, "(") || is(at, "[") || is(at, "{")) {
        at = closing(at);
      } else if (is(at, "*") && (is(at - 1, "(") || is(at - 1, ","))) {
        return {false};
      } else if (is(at, "dag_id") && is(at + 1, "=") && !is(at + 2, "=")) {
        return {false, value(at + 2)};
      }
    }
    return {};
  }

  std::optional<std::string> value(std::size_t at) const {
    if (!has(at, Kind::text) || !ends_argument(at + 1)) return std::nullopt;
    return literal(tokens_[at].text);
  }

  std::size_t after_line(std::size_t at) const {
    while (at < tokens_.size() && !has(at, Kind::line_end)) ++at;
    return at + 1;
  }

  void decorator(std::size_t at) {
    std::size_t name = at + 1;
    while (has(name, Kind::word) && is(name + 1, ".")) name += 2;
    if (!is(name, "dag")) return;
    const Call said = is(name + 1, "(") ? call(name + 1) : Call{};
    if (!said.silent) return add(said.id);
    std::size_t next = after_line(at);
    for (int more = 0; is(next, "@") && more < kMostDecorators; ++more) next = after_line(next);
    if (!is(next, "def") || !has(next + 1, Kind::word)) return;
    if (const std::string_view id = tokens_[next + 1].text; may_be_dag_id(id)) add(std::string(id));
  }

  const std::vector<PythonToken>& tokens_;
  std::optional<std::size_t> function_level_;  // of the outermost function that this line is in
  std::set<std::string> ids_;
};

}  // namespace

bool may_hold_dags(std::string_view source) {
  return has_ignoring_case(source, "dag") && has_ignoring_case(source, "airflow");
}

bool may_be_dag_id(std::string_view text) {
  const auto is_first = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; };  // of a code point
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
           c == '-' || static_cast<unsigned char>(c) >= 0x80;
  };
  return !text.empty() && std::count_if(text.begin(), text.end(), is_first) <= kLongestId &&
         std::all_of(text.begin(), text.end(), fits) && is_utf8(text) && !has_control(text);
}

std::set<std::string> dag_ids(const std::vector<PythonToken>& tokens) { return Scan(tokens).run(); }

}  // namespace atelier::stage
