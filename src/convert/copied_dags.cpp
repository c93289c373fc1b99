#include "convert/copied_dags.h"

#include <algorithm>
#include <string_view>

namespace atelier::convert {
namespace {

using Words = std::vector<std::string>;

// The commands of a script, as words without quotes. A text with anything that is more than words, quotes and
// separators gives commands that copied_dags() does not know.
std::vector<Words> commands_of(const Words& texts) {
  std::vector<Words> commands(1);
  for (const std::string& text : texts) {
    std::string word;
    const auto end_word = [&] {
      if (!word.empty()) commands.back().push_back(std::move(word));
      word.clear();
    };
    for (const char c : text) {
      if (std::string_view(";&|\n").find(c) != std::string_view::npos) {
        end_word();
        if (!commands.back().empty()) commands.emplace_back();
      } else if (std::string_view(" \t\r").find(c) != std::string_view::npos) {
        end_word();
      } else if (c != '\'' && c != '"') {
        word += c;
      }
    }
    end_word();
  }
  return commands;
}

bool is_below(const std::string& path, const std::string& folder) {
  return path.starts_with(folder) &&
         (path.size() == folder.size() || folder.ends_with('/') || path[folder.size()] == '/');
}

std::optional<CopiedDags> sources_of(const Words& sources) {
  CopiedDags out;
  for (const std::string& source : sources) {
    const std::size_t slash = source.rfind('/');
    if (!source.starts_with('/') || slash == 0 || source.find_first_of("$()`[]{}\\<>") != std::string::npos) return {};
    const std::string folder = source.substr(0, slash);
    std::string last = source.substr(slash + 1);
    if (folder.find_first_of("*?") != std::string::npos || (!out.path.empty() && out.path != folder)) return {};
    if (last == "*") {
      out.hidden = true;
      last = "**";
    } else if (last == ".") {
      last = "**";
    } else if (last.find_first_of("*?") == std::string::npos) {
      return {};  // a file or a folder: the words do not say which
    }
    out.path = folder;
    out.include.push_back(std::move(last));
  }
  if (out.path.empty()) return {};
  return out;
}

}  // namespace

std::optional<CopiedDags> copied_dags(const Words& words, const std::string& mount_path) {
  std::optional<CopiedDags> found;
  for (const Words& command : commands_of(words)) {
    const auto cp = std::find_if(command.begin(), command.end(),
                                 [](const std::string& word) { return word == "cp" || word.ends_with("/cp"); });
    if (cp == command.end()) continue;
    Words operands;
    std::copy_if(cp + 1, command.end(), std::back_inserter(operands),
                 [](const std::string& word) { return !word.starts_with('-'); });
    if (operands.size() < 2 || !is_below(operands.back(), mount_path)) continue;
    operands.pop_back();
    if (found) return std::nullopt;
    found = sources_of(operands);
    if (!found) return std::nullopt;
  }
  return found;
}

}  // namespace atelier::convert
