#include "scenarios/words.h"

#include <algorithm>
#include <sstream>

namespace atelier::engine::scenarios {

std::vector<std::string> split(const std::string& text, char by) {
  std::vector<std::string> parts;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, by);) {
    if (!part.empty()) parts.push_back(part);
  }
  return parts;
}

std::string rest(const std::vector<std::string>& words, std::size_t from) {
  std::string text;
  for (std::size_t i = from; i < words.size(); ++i) text += (i == from ? "" : " ") + words[i];
  return text;
}

std::invalid_argument wrong(const std::string& line) { return std::invalid_argument("not understood: " + line); }

std::string spaced(std::string text) {
  std::replace(text.begin(), text.end(), '_', ' ');
  return text;
}

Millis duration(const std::string& text) { return parse_duration(text).value(); }

}  // namespace atelier::engine::scenarios
