#include "registry/words.h"

#include <regex>

#include "atelier/base/text.h"

namespace atelier::registry {
namespace {

constexpr std::size_t kLongest = 300;
constexpr std::size_t kLongestRead = 2'000;

std::string printable(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string escaped;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7f) {
      escaped += c;
    } else {
      escaped.append("\\x").append(1, kDigits[byte >> 4U]).append(1, kDigits[byte & 15U]);
    }
  }
  return escaped;
}

}  // namespace

std::string plain_words(std::string_view text) {
  static const std::regex kMeasured{" (after|with) -?[0-9]+ (out of -?[0-9]+ )?(milliseconds|ms|bytes received)"};
  const std::string words = printable(text.substr(0, kLongestRead));
  return bounded(std::regex_replace(words, kMeasured, ""), kLongest);
}

}  // namespace atelier::registry
