#include "stage/json.h"

#include <algorithm>
#include <limits>

#include "stage/utf8.h"

namespace atelier::stage {

class JsonReader {
 public:
  explicit JsonReader(std::string_view text) : rest_(text) {}

  bool document(Json& out) {
    if (!value(out, 0)) return false;
    skip_space();
    return rest_.empty();
  }

 private:
  static constexpr int kMaxDepth = 8;
  static constexpr std::size_t kMaxMembers = 64;  // each is compared with all before it

  void skip_space() {
    while (!rest_.empty() && (rest_[0] == ' ' || rest_[0] == '\n' || rest_[0] == '\t' || rest_[0] == '\r')) advance(1);
  }
  void advance(std::size_t count) { rest_.remove_prefix(count); }
  bool take(std::string_view token) {
    if (!rest_.starts_with(token)) return false;
    advance(token.size());
    return true;
  }
  bool take_after_space(char token) {
    skip_space();
    return take(std::string_view(&token, 1));
  }

  bool value(Json& out, int depth) {
    skip_space();
    if (rest_.empty() || depth > kMaxDepth) return false;
    switch (rest_[0]) {
      case '{':
        return object(out, depth);
      case '[':
        return array(out, depth);
      case '"':
        return string(out.value_.emplace<std::string>());
      case 't':
        out.value_ = true;
        return take("true");
      case 'f':
        out.value_ = false;
        return take("false");
      case 'n':
        return take("null");
      default:
        return number(out.value_.emplace<std::uint64_t>());
    }
  }

  bool object(Json& out, int depth) {
    advance(1);
    auto& members = out.value_.emplace<Json::Object>();
    if (take_after_space('}')) return true;
    do {
      skip_space();
      std::string key;
      Json member;
      if (!string(key) || !take_after_space(':') || !value(member, depth + 1) || out.find(key)) return false;
      if (members.size() == kMaxMembers) return false;
      members.emplace_back(std::move(key), std::move(member));
    } while (take_after_space(','));
    return take("}");
  }

  bool array(Json& out, int depth) {
    advance(1);
    auto& items = out.value_.emplace<Json::Array>();
    if (take_after_space(']')) return true;
    do {
      if (!value(items.emplace_back(), depth + 1)) return false;
    } while (take_after_space(','));
    return take("]");
  }

  bool number(std::uint64_t& out) {
    const std::size_t digits = std::min(rest_.find_first_not_of("0123456789"), rest_.size());
    if (digits == 0 || (digits > 1 && rest_[0] == '0')) return false;
    for (char digit : rest_.substr(0, digits)) {
      const auto unit = static_cast<std::uint64_t>(digit - '0');
      if (out > (std::numeric_limits<std::uint64_t>::max() - unit) / 10) return false;
      out = out * 10 + unit;
    }
    advance(digits);
    return rest_.empty() || std::string_view(" \n\t\r,}]").find(rest_[0]) != std::string_view::npos;
  }

  bool string(std::string& out) {
    if (!take("\"")) return false;
    while (!rest_.empty()) {
      if (take("\"")) return true;
      if (rest_[0] == '\\') {
        if (!escape(out)) return false;
        continue;
      }
      const std::size_t length = utf8_length(rest_);
      if (length == 0 || static_cast<unsigned char>(rest_[0]) < 0x20) return false;
      out += rest_.substr(0, length);
      advance(length);
    }
    return false;
  }

  // The writer escapes only quotes, backslashes and C0 characters; \uXXXX beyond ASCII is never written.
  bool escape(std::string& out) {
    if (rest_.size() < 2) return false;
    constexpr std::string_view kCodes = "\"\\/bfnrt";
    constexpr std::string_view kMeaning = "\"\\/\b\f\n\r\t";
    if (const auto at = kCodes.find(rest_[1]); at != std::string_view::npos) {
      out += kMeaning[at];
      advance(2);
      return true;
    }
    if (!take("\\u00") || rest_.size() < 2) return false;
    unsigned code = 0;
    for (char digit : rest_.substr(0, 2)) {
      const auto nibble = std::string_view("0123456789abcdef").find(digit);
      if (nibble == std::string_view::npos) return false;
      code = code * 16 + static_cast<unsigned>(nibble);
    }
    if (code > 0x7F) return false;
    out += static_cast<char>(code);
    advance(2);
    return true;
  }

  std::string_view rest_;
};

std::string json_string(std::string_view text) {
  constexpr char kHex[] = "0123456789abcdef";
  std::string out = "\"";
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    const auto first = static_cast<unsigned char>(text[0]);
    if (length == 0) {
      out += "\xEF\xBF\xBD";
    } else if (first == '"' || first == '\\') {
      out += {'\\', text[0]};
    } else if (first == '\n') {
      out += "\\n";
    } else if (first < 0x20 || first == 0x7F) {
      out += "\\u00";
      out += {kHex[first >> 4], kHex[first & 15]};
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(length > 0 ? length : 1);
  }
  return out + '"';
}

std::optional<Json> Json::parse(std::string_view text) {
  Json out;
  if (!JsonReader(text).document(out)) return std::nullopt;
  return out;
}

const Json* Json::find(std::string_view key) const {
  const auto* members = std::get_if<Object>(&value_);
  if (!members) return nullptr;
  for (const auto& [name, member] : *members) {
    if (name == key) return &member;
  }
  return nullptr;
}

std::optional<std::string> Json::string_at(std::string_view key) const {
  const Json* member = find(key);
  const auto* text = member ? std::get_if<std::string>(&member->value_) : nullptr;
  return text ? std::optional(*text) : std::nullopt;
}

std::optional<std::uint64_t> Json::number_at(std::string_view key) const {
  const Json* member = find(key);
  const auto* number = member ? std::get_if<std::uint64_t>(&member->value_) : nullptr;
  return number ? std::optional(*number) : std::nullopt;
}

std::optional<bool> Json::bool_at(std::string_view key) const {
  const Json* member = find(key);
  const auto* flag = member ? std::get_if<bool>(&member->value_) : nullptr;
  return flag ? std::optional(*flag) : std::nullopt;
}

const Json::Array* Json::array_at(std::string_view key) const {
  const Json* member = find(key);
  return member ? std::get_if<Array>(&member->value_) : nullptr;
}

}  // namespace atelier::stage
