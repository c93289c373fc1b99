#include "cel/utf8.h"

#include <algorithm>

namespace atelier::cel {
namespace {

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xc0U) == 0x80U; }

// How many bytes a character has that begins with this one; 0 if none does.
std::size_t length_from(unsigned char first) {
  if (first < 0x80U) return 1;
  if (first >= 0xc2U && first < 0xe0U) return 2;
  if (first >= 0xe0U && first < 0xf0U) return 3;
  return first >= 0xf0U && first < 0xf5U ? 4 : 0;
}

// What the first byte leaves open: overlong forms, surrogates and what is beyond the last character.
bool is_second(unsigned char first, unsigned char second) {
  if (first == 0xe0U) return second >= 0xa0U;
  if (first == 0xedU) return second < 0xa0U;
  if (first == 0xf0U) return second >= 0x90U;
  return first != 0xf4U || second < 0x90U;
}

}  // namespace

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const auto first = static_cast<unsigned char>(text[0]);
    const std::size_t length = length_from(first);
    if (length == 0 || text.size() < length) return false;
    if (!std::all_of(text.begin() + 1, text.begin() + static_cast<std::ptrdiff_t>(length), continues)) return false;
    if (length > 1 && !is_second(first, static_cast<unsigned char>(text[1]))) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::size_t characters_of(std::string_view text) {
  return text.size() - static_cast<std::size_t>(std::count_if(text.begin(), text.end(), continues));
}

bool append_character(std::string& text, std::uint32_t character) {
  if (character > 0x10ffffU || (character >= 0xd800U && character < 0xe000U)) return false;
  const auto six_bits = [&](unsigned shift) { return static_cast<char>(0x80U | ((character >> shift) & 0x3fU)); };
  if (character < 0x80U) {
    text += static_cast<char>(character);
  } else if (character < 0x800U) {
    text += {static_cast<char>(0xc0U | (character >> 6U)), six_bits(0)};
  } else if (character < 0x10000U) {
    text += {static_cast<char>(0xe0U | (character >> 12U)), six_bits(6), six_bits(0)};
  } else {
    text += {static_cast<char>(0xf0U | (character >> 18U)), six_bits(12), six_bits(6), six_bits(0)};
  }
  return true;
}

}  // namespace atelier::cel
