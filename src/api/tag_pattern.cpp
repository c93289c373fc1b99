#include "atelier/api/tag_pattern.h"

#include <algorithm>

namespace atelier::api {
namespace {

constexpr const char* kExample = "write it as in main-*-(#), where (#) stands for a number and (*) for any text";

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '.' || c == '-' ||
           c == '*';
  });
}

std::vector<std::string> between_stars(std::string_view text) {
  std::vector<std::string> out(1);
  for (const char c : text) {
    if (c == '*') {
      out.emplace_back();
    } else {
      out.back() += c;
    }
  }
  return out;
}

// Whether the group may begin there, or end: one more than there are characters.
using Places = std::vector<bool>;

// Where what stands before the group may end. Each text between two stars is taken as early as it occurs.
Places begins(const std::vector<std::string>& texts, std::string_view tag) {
  Places out(tag.size() + 1, false);
  if (!tag.starts_with(texts.front())) return out;
  std::size_t at = texts.front().size();
  if (texts.size() == 1) {
    out[at] = true;
    return out;
  }
  for (std::size_t i = 1; i + 1 < texts.size(); ++i) {
    const std::size_t found = tag.find(texts[i], at);
    if (found == tag.npos) return out;
    at = found + texts[i].size();
  }
  for (std::size_t found = tag.find(texts.back(), at); found != tag.npos; found = tag.find(texts.back(), found + 1)) {
    out[found + texts.back().size()] = true;
  }
  return out;
}

std::vector<std::string> mirrored(const std::vector<std::string>& texts) {
  std::vector<std::string> out(texts.rbegin(), texts.rend());
  for (std::string& text : out) std::reverse(text.begin(), text.end());
  return out;
}

// The same from the end, by mirrored texts.
Places ends(const std::vector<std::string>& texts, std::string_view tag) {
  Places out = begins(texts, std::string(tag.rbegin(), tag.rend()));
  std::reverse(out.begin(), out.end());
  return out;
}

}  // namespace

Result<TagPattern> TagPattern::parse(std::string_view text) {
  const std::size_t open = text.find('(');
  const std::size_t close = open + 2;
  const bool group = open != text.npos && close < text.size() && text[close] == ')' &&
                     (text[open + 1] == '*' || text[open + 1] == '#');
  if (!group) return invalid("has no group, (*) or (#), to compare tags by; " + std::string(kExample));
  const std::string_view before = text.substr(0, open);
  const std::string_view after = text.substr(close + 1);
  if (!is_plain(before) || !is_plain(after)) {
    return invalid("has other characters than those of tags, \"*\" and one group; " + std::string(kExample));
  }
  TagPattern out;
  out.before_ = between_stars(before);
  out.after_ = mirrored(between_stars(after));
  out.digits_ = text[open + 1] == '#';
  return out;
}

std::optional<std::string_view> TagPattern::capture(std::string_view tag) const {
  const Places first = begins(before_, tag);
  const Places last = ends(after_, tag);
  std::optional<std::string_view> out;
  std::size_t end = 0;  // the last one for a group that begins at `from`; 0: none
  for (std::size_t from = tag.size(); from-- > 0;) {
    if (digits_ && !is_digit(tag[from])) {
      end = 0;
      continue;
    }
    if (end == 0 && last[from + 1]) end = from + 1;
    if (end > 0 && first[from]) out = tag.substr(from, end - from);
  }
  return out;
}

}  // namespace atelier::api
