#include "cli/printable.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>

namespace atelier::cli {
namespace {

struct Character {
  std::uint32_t code = 0;
  std::size_t bytes = 1;
  bool valid = true;
};

// Of well-formed UTF-8 (Unicode's table 3-7): no overlong forms, no surrogates.
Character first_of(std::string_view text) {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return {lead, 1, true};
  const std::size_t bytes = lead >= 0xC2 && lead <= 0xDF ? 2 : lead >= 0xE0 && lead <= 0xEF ? 3 : 4;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < bytes) return {lead, 1, false};
  std::uint32_t code = lead & (0xFFU >> (bytes + 1));
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) return {lead, 1, false};
    code = code << 6U | (byte(i) & 0x3FU);
  }
  const bool good = bytes == 2 || (bytes == 3 ? code >= 0x800 && (code < 0xD800 || code > 0xDFFF)
                                              : code >= 0x10000 && code <= 0x10FFFF);
  return good ? Character{code, bytes, true} : Character{lead, 1, false};
}

bool is_harmful(std::uint32_t code) {
  return code < 0x20 || (code >= 0x7F && code < 0xA0) || code == 0x061C || code == 0x200E || code == 0x200F ||
         (code >= 0x2028 && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
}

std::string hex(const char* format, std::uint32_t code) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), format, static_cast<unsigned>(code));
  return text.data();
}

std::string escape(const Character& one) {
  if (one.code == '\n') return "\\n";
  if (one.code == '\r') return "\\r";
  if (one.code == '\t') return "\\t";
  return hex(!one.valid || one.code < 0x80 ? "\\x%02x" : "\\u%04x", one.code);
}

template <class Escape>
std::string escaped(std::string_view text, std::string_view kept, Escape how) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const Character one = first_of(text);
    const bool keep = one.code < 0x80 && kept.find(text.front()) != std::string_view::npos;
    if (one.valid && (keep || !is_harmful(one.code))) {
      out += text.substr(0, one.bytes);
    } else {
      out += how(one);
    }
    text.remove_prefix(one.bytes);
  }
  return out;
}

// The length of an SGR sequence that `text` begins with; 0: it does not.
std::size_t length_of_colour(std::string_view text) {
  if (!text.starts_with("\x1b[")) return 0;
  const std::size_t end = text.find_first_not_of("0123456789;:", 2);
  return end != std::string_view::npos && text[end] == 'm' ? end + 1 : 0;
}

}  // namespace

std::string printable(std::string_view text) { return escaped(text, "", escape); }

std::string printable_lines(std::string_view text) { return escaped(text, "\n\t", escape); }

std::string printable_output(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  std::string plain;
  while (!line.empty()) {
    const std::size_t colour = length_of_colour(line);
    if (colour == 0) plain += line.front();
    line.remove_prefix(colour == 0 ? 1 : colour);
  }
  return escaped(plain, "\t", escape);
}

std::string printable_document(std::string_view text) {
  return escaped(text, "\n", [](const Character& one) { return one.valid ? hex("\\u%04x", one.code) : "\\ufffd"; });
}

}  // namespace atelier::cli
