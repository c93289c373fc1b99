#include "atelier/yaml/write.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

namespace atelier::yaml {
namespace {

using nlohmann::json;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// Begins with a letter or "/" and holds nothing that YAML reads: no number, date or mark can look like it.
bool is_plain(const std::string& text) {
  static const std::vector<std::string_view> kWords{"y", "n", "yes", "no", "on", "off", "true", "false", "null"};
  if (text.empty() || (!is_letter(text.front()) && text.front() != '/')) return false;
  const auto plain = [](char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || std::string_view("/._-").find(c) != std::string_view::npos;
  };
  if (!std::all_of(text.begin(), text.end(), plain)) return false;
  std::string lower = text;
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return is_letter(c) ? static_cast<char>(c | 0x20) : c; });
  return std::find(kWords.begin(), kWords.end(), lower) == kWords.end();
}

// A JSON text is one of YAML, but for the control characters that JSON leaves as they are.
std::string quoted(const std::string& text) {
  std::string out;
  const std::string dumped = json(text).dump();
  for (std::size_t i = 0; i < dumped.size(); ++i) {
    const auto byte = static_cast<unsigned char>(dumped[i]);
    const unsigned char next = i + 1 < dumped.size() ? static_cast<unsigned char>(dumped[i + 1]) : 0;
    constexpr std::string_view kHex = "0123456789abcdef";
    if (byte == 0x7F) {
      out += "\\x7f";
    } else if (byte == 0xC2 && next < 0xA0) {  // U+0080 to U+009F
      out += std::string("\\x") + kHex[next >> 4U] + kHex[next & 0xFU];
      ++i;
    } else if (dumped.compare(i, 3, "\xEF\xBB\xBF") == 0) {
      out += "\\ufeff";
      i += 2;
    } else {
      out += dumped[i];
    }
  }
  return out;
}

std::string scalar(const json& value) {
  if (!value.is_string()) return value.dump();
  const auto& text = value.get_ref<const std::string&>();
  return is_plain(text) ? text : quoted(text);
}

bool is_block(const json& value) { return value.is_structured() && !value.empty(); }

void write_block(std::string& out, const json& value, const std::string& indent, bool in_list);

void write_field(std::string& out, const std::string& name, const json& value, const std::string& indent) {
  out += scalar(name) + ":";
  if (is_block(value)) {
    out += "\n";
    write_block(out, value, indent + "  ", false);
  } else {
    out += " " + scalar(value) + "\n";
  }
}

// The first line of a list's item follows its "- ".
void write_block(std::string& out, const json& value, const std::string& indent, bool in_list) {
  bool indented = in_list;
  const auto begin_line = [&] {
    if (!indented) out += indent;
    indented = false;
  };
  if (value.is_array()) {
    for (const json& item : value) {
      begin_line();
      out += "- ";
      if (is_block(item)) {
        write_block(out, item, indent + "  ", true);
      } else {
        out += scalar(item) + "\n";
      }
    }
    return;
  }
  const auto name = value.find("name");
  if (name != value.end()) {
    begin_line();
    write_field(out, "name", *name, indent);
  }
  for (const auto& [key, inner] : value.items()) {
    if (key == "name") continue;
    begin_line();
    write_field(out, key, inner, indent);
  }
}

}  // namespace

std::string write(const json& value) {
  std::string out;
  if (is_block(value)) {
    write_block(out, value, "", false);
  } else {
    out = scalar(value) + "\n";
  }
  return out;
}

}  // namespace atelier::yaml
