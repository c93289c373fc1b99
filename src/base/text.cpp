#include "atelier/base/text.h"

namespace atelier {
namespace {

bool continues(char byte) { return (static_cast<unsigned char>(byte) & 0xc0U) == 0x80U; }

}  // namespace

std::string bounded(std::string_view text, std::size_t longest) {
  if (text.size() <= longest) return std::string(text);
  std::size_t end = longest - 3;
  while (end > 0 && continues(text[end])) --end;
  return std::string(text.substr(0, end)) + "...";
}

std::string end_of_text(std::string_view text, std::size_t longest) {
  if (text.size() <= longest) return std::string(text);
  std::size_t begin = text.size() - (longest - 3);
  while (begin < text.size() && continues(text[begin])) ++begin;
  return "..." + std::string(text.substr(begin));
}

std::string without_cut_character(std::string text) {
  std::size_t begin = text.size();
  while (begin > 0 && continues(text[begin - 1])) --begin;
  if (begin == 0) return text;
  const auto lead = static_cast<unsigned char>(text[--begin]);
  const std::size_t length = lead >= 0xf0U ? 4 : lead >= 0xe0U ? 3 : lead >= 0xc0U ? 2 : 1;
  if (text.size() - begin < length) text.resize(begin);
  return text;
}

std::string_view without_surrounding_space(std::string_view text) {
  const auto space = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (!text.empty() && space(text.front())) text.remove_prefix(1);
  while (!text.empty() && space(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace atelier
