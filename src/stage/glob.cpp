#include "stage/glob.h"

#include <algorithm>

#include "stage/utf8.h"

namespace atelier::stage {
namespace {

std::vector<std::string_view> split(std::string_view path) {
  std::vector<std::string_view> parts;
  for (;;) {
    const auto slash = path.find('/');
    parts.push_back(path.substr(0, slash));
    if (slash == std::string_view::npos) return parts;
    path.remove_prefix(slash + 1);
  }
}

std::size_t step(std::string_view text) { return std::max<std::size_t>(1, utf8_length(text)); }

// Both matchers below go on greedily and, when stuck, let the last star take one more: linear in practice and never
// exponential.
bool name_matches(std::string_view pattern, std::string_view name) {
  std::string_view star;
  std::string_view star_rest;
  bool starred = false;
  while (!name.empty()) {
    if (!pattern.empty() && pattern[0] == '*') {
      pattern.remove_prefix(1);
      star = pattern, star_rest = name, starred = true;
    } else if (!pattern.empty() && pattern[0] == '?') {
      pattern.remove_prefix(1);
      name.remove_prefix(step(name));
    } else if (!pattern.empty() && pattern[0] == name[0]) {
      pattern.remove_prefix(1);
      name.remove_prefix(1);
    } else if (starred) {
      star_rest.remove_prefix(step(star_rest));
      pattern = star, name = star_rest;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*') == std::string_view::npos;
}

}  // namespace

std::optional<Glob> Glob::parse(std::string_view pattern) {
  Glob glob;
  for (std::string_view part : split(pattern)) {
    if (part.empty() || part == "." || part == "..") return std::nullopt;
    glob.parts_.emplace_back(part);
  }
  return glob;
}

bool Glob::matches(std::string_view path) const {
  const auto names = split(path);
  std::size_t part = 0;
  std::size_t name = 0;
  std::optional<std::size_t> star;
  std::size_t star_name = 0;
  while (name < names.size()) {
    if (part < parts_.size() && parts_[part] == "**") {
      star = ++part;
      star_name = name;
    } else if (part < parts_.size() && name_matches(parts_[part], names[name])) {
      ++part, ++name;
    } else if (star) {
      part = *star;
      name = ++star_name;
    } else {
      return false;
    }
  }
  return part == parts_.size();
}

}  // namespace atelier::stage
