#include "stage/python_source.h"

#include <algorithm>
#include <array>
#include <utility>

#include "stage/utf8.h"

namespace atelier::stage {
namespace {

using Kind = PythonToken::Kind;

constexpr std::size_t kDeepest = 200;  // CPython's MAXLEVEL
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

bool is_quote(char c) { return c == '"' || c == '\''; }

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

bool is_prefix(std::string_view word) {
  constexpr std::array<std::string_view, 11> kPrefixes{"r", "u", "b", "f", "t", "br", "rb", "fr", "rf", "tr", "rt"};
  return word.size() <= 2 && std::find(kPrefixes.begin(), kPrefixes.end(), lower(word)) != kPrefixes.end();
}

bool has_fields(std::string_view prefix) { return prefix.find_first_of("fFtT") != std::string_view::npos; }

bool is_like_utf8(std::string name) {
  std::replace(name.begin(), name.end(), '_', '-');
  return name == "utf8" || name == "utf-8" || name.starts_with("utf-8-") || name == "ascii" || name == "us-ascii";
}

// PEP 263: in a comment of the first two lines, the first "coding" that a name follows. Any further one, and a "#" that
// begins no comment, cost the check, nothing else.
bool may_declare_another_encoding(std::string_view source) {
  constexpr std::string_view kWord = "coding";
  constexpr const char* kOfNames = "abcdefghijklmnopqrstuvwxyz0123456789-_.";
  for (int line = 0; line < 2; ++line) {
    const std::size_t end = std::min(source.find_first_of("\r\n"), source.size());
    const std::string text = lower(source.substr(0, end));
    for (std::size_t at = text.find(kWord, std::min(text.find('#'), end)); at != std::string::npos;
         at = text.find(kWord, at + 1)) {
      const std::size_t sign = at + kWord.size();
      if (sign >= end || (text[sign] != ':' && text[sign] != '=')) continue;
      const std::size_t name = std::min(text.find_first_not_of(" \t", sign + 1), end);
      const std::size_t length = std::min(text.find_first_not_of(kOfNames, name), end) - name;
      if (length > 0 && !is_like_utf8(text.substr(name, length))) return true;
    }
    source.remove_prefix(std::min(end + 1, source.size()));
  }
  return false;
}

// Every version counts a carriage return before a line feed as part of it, and only some count others as line ends.
bool has_lone_carriage_return(std::string_view source) {
  for (std::size_t at = source.find('\r'); at != std::string_view::npos; at = source.find('\r', at + 1)) {
    if (at + 1 == source.size() || source[at + 1] != '\n') return true;
  }
  return false;
}

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  PythonSource run() {
    if (const std::size_t zero = text_.find('\0'); zero != std::string_view::npos) {
      fail(line_of(zero), "has a NUL byte");
      return std::move(out_);
    }
    out_.certain = !may_declare_another_encoding(text_) && !has_lone_carriage_return(text_);
    if (text_.starts_with(kByteOrderMark)) at_ = kByteOrderMark.size();
    while (!done_ && at_ < text_.size()) {
      if (line_begins_) {
        read_indentation();
      } else {
        read_token();
      }
    }
    if (!done_) finish();
    return std::move(out_);
  }

 private:
  struct Bracket {
    char open;
    std::size_t line;
  };
  // A tab goes to the next multiple of eight in one count and is one character in the other. Where the counts disagree
  // about what is deeper, so may readers.
  struct Indentation {
    std::size_t wide = 0;
    std::size_t narrow = 0;
  };

  std::size_t line_of(std::size_t at) const {
    return 1 +
           static_cast<std::size_t>(std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
  }

  void fail(std::size_t line, std::string what) {
    if (!done_ && out_.certain) out_.defect = PythonDefect{line, std::move(what)};
    done_ = true;
  }

  void give_up() {
    out_.certain = false;
    done_ = true;
  }

  char here() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool here_is(std::string_view word) const { return text_.substr(at_).starts_with(word); }
  bool at_line_end() const { return here() == '\n' || here_is("\r\n") || (!out_.certain && here() == '\r'); }

  void pass_line_end() {
    at_ += here_is("\r\n") ? 2 : 1;
    ++line_;
  }

  void add(Kind kind, std::size_t begin) {
    out_.tokens.push_back({kind, text_.substr(begin, at_ - begin), indents_.size() - 1});
  }

  bool line_has_tokens() const { return !out_.tokens.empty() && out_.tokens.back().kind != Kind::line_end; }

  void end_logical_line() {
    if (!line_has_tokens()) return;
    const PythonToken& last = out_.tokens.back();
    opens_block_ = last.kind == Kind::mark && last.text == ":";
    out_.tokens.push_back({Kind::line_end, {}});
  }

  void finish() {
    if (!brackets_.empty()) {
      return fail(brackets_.back().line, std::string("the \"") + brackets_.back().open + "\" is never closed");
    }
    end_logical_line();
    if (opens_block_) fail(line_, "the file ends where an indented block is expected");
  }

  void read_indentation() {
    line_begins_ = false;
    Indentation now;
    for (; at_ < text_.size(); ++at_) {
      if (text_[at_] == ' ') {
        now = {now.wide + 1, now.narrow + 1};
      } else if (text_[at_] == '\t') {
        now = {(now.wide / 8 + 1) * 8, now.narrow + 1};
      } else if (text_[at_] == '\f') {
        now = {};
      } else {
        break;
      }
    }
    if (at_ == text_.size() || here() == '#' || at_line_end()) return;
    if (here() == '\\') return give_up();  // what it does to the indentation depends on the version
    indent(now);
  }

  void indent(const Indentation& now) {
    if (now.wide > indents_.back().wide) {
      if (now.narrow <= indents_.back().narrow) return fail_for_tabs();
      if (!opens_block_) return fail(line_, "is indented, and the line before opens no block");
      return indents_.push_back(now);
    }
    if (opens_block_) return fail(line_, "an indented block is expected");
    while (now.wide < indents_.back().wide) indents_.pop_back();
    if (now.wide != indents_.back().wide) return fail(line_, "is indented like no line above that it could belong to");
    if (now.narrow != indents_.back().narrow) fail_for_tabs();
  }

  void fail_for_tabs() { fail(line_, "mixes tabs and spaces so that its indentation has no certain meaning"); }

  void read_token() {
    const char c = here();
    if (at_line_end()) {
      pass_line_end();
      if (!brackets_.empty()) return;
      end_logical_line();
      line_begins_ = true;
    } else if (c == ' ' || c == '\t' || c == '\f') {
      ++at_;
    } else if (c == '#') {
      at_ = std::min(text_.find_first_of("\r\n", at_), text_.size());
    } else if (c == '\\') {
      continue_line();
    } else if (is_quote(c)) {
      read_string(at_);
    } else if (is_word(c)) {
      read_word();
    } else {
      read_mark();
    }
  }

  void continue_line() {
    ++at_;
    if (at_ == text_.size()) return give_up();
    if (!at_line_end()) return fail(line_, "has something after a backslash that continues the line");
    pass_line_end();
  }

  void read_word() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && is_word(text_[at_])) ++at_;
    const std::string_view word = text_.substr(begin, at_ - begin);
    if (is_quote(here()) && is_prefix(word)) return read_string(begin);
    if (out_.certain && !is_utf8(word)) return fail(line_, "is not valid UTF-8");
    add(Kind::word, begin);
  }

  void read_mark() {
    const std::size_t begin = at_++;
    const char c = text_[begin];
    if (c == '(' || c == '[' || c == '{') {
      if (brackets_.size() == kDeepest) return fail(line_, "has more than 200 brackets open");
      brackets_.push_back({c, line_});
    }
    if (c == ')' || c == ']' || c == '}') {
      const char open = c == ')' ? '(' : c == ']' ? '[' : '{';
      if (brackets_.empty()) return fail(line_, std::string("the \"") + c + "\" closes nothing");
      if (brackets_.back().open != open) {
        return fail(line_, std::string("the \"") + c + "\" does not match the \"" + brackets_.back().open +
                               "\" of line " + std::to_string(brackets_.back().line));
      }
      brackets_.pop_back();
    }
    add(Kind::mark, begin);
  }

  // REQUIRES: what lies between `begin` and here is the prefix.
  void read_string(std::size_t begin) {
    const bool formatted = has_fields(text_.substr(begin, at_ - begin));
    const std::size_t first_line = line_;
    const bool triple = here_is(R"(""")") || here_is("'''");
    quotes_ = text_.substr(at_, triple ? 3 : 1);
    at_ += quotes_.size();
    for (std::size_t fields = 0; !done_;) {
      if (at_ >= text_.size() || (!triple && at_line_end())) {
        return fields > 0 ? give_up() : fail(first_line, "the string that begins here is not closed");
      }
      if (here_is(quotes_)) {
        if (fields > 0) return give_up();
        at_ += quotes_.size();
        return end_string(begin, first_line);
      }
      if (fields > 0) {
        read_in_field(fields);
      } else {
        read_in_string(formatted, fields);
      }
    }
  }

  void end_string(std::size_t begin, std::size_t first_line) {
    if (out_.certain && !is_utf8(text_.substr(begin, at_ - begin)))
      return fail(first_line, "has a string that is not valid UTF-8");
    add(Kind::text, begin);
  }

  void read_in_string(bool formatted, std::size_t& fields) {
    if (here() == '\\') {
      ++at_;
      if (formatted && (here() == '{' || here() == '}')) return;
    } else if (formatted && here() == '{') {
      if (here_is("{{")) {
        at_ += 2;
      } else {
        ++at_;
        fields = 1;
      }
      return;
    }
    if (at_ >= text_.size()) return;
    if (at_line_end()) {
      pass_line_end();
    } else {
      ++at_;
    }
  }

  // Only what all versions read alike.
  void read_in_field(std::size_t& depth) {
    const char c = here();
    if (at_line_end()) return pass_line_end();
    if (c == '\\') return give_up();
    if (c == '#' && text_.substr(at_ - 3, 3).find(':') == std::string_view::npos) return give_up();
    if (is_quote(c)) return pass_string_in_field();
    if (c == '{') ++depth;
    if (c == '}') --depth;
    ++at_;
  }

  void pass_string_in_field() {
    const char quote = here();
    const std::size_t end = text_.find(quote, at_ + 1);
    if (end == std::string_view::npos) return give_up();
    const std::string_view body = text_.substr(at_ + 1, end - at_ - 1);
    const bool triple = body.empty() && text_.substr(end + 1).starts_with(quote);
    const char others[] = {'\\', '\n', quotes_.front() == quote ? '\n' : quotes_.front(), '\0'};
    const bool balanced = std::count(body.begin(), body.end(), '{') == std::count(body.begin(), body.end(), '}');
    if (triple || !balanced || body.find_first_of(others) != std::string_view::npos) return give_up();
    at_ = end + 1;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
  bool line_begins_ = true;
  bool opens_block_ = false;
  bool done_ = false;
  std::string_view quotes_;
  std::vector<Bracket> brackets_;
  std::vector<Indentation> indents_{Indentation{}};
  PythonSource out_;
};

}  // namespace

PythonSource read_python(std::string_view source) { return Reader(source).run(); }

}  // namespace atelier::stage
