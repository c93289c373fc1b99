#include "cli/table.h"

#include <algorithm>

#include "cli/printable.h"

namespace atelier::cli {
namespace {

// In characters, which is what a terminal counts for most scripts.
std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

}  // namespace

std::string table(const Row& head, const std::vector<Row>& rows, const Terminal& terminal, const std::string& indent) {
  std::vector<Row> lines;
  lines.reserve(rows.size() + 1);
  if (!head.empty()) lines.push_back(head);
  lines.insert(lines.end(), rows.begin(), rows.end());
  std::vector<std::size_t> widths;
  for (Row& line : lines) {
    widths.resize(std::max(widths.size(), line.size()));
    for (std::size_t i = 0; i < line.size(); ++i) {
      line[i].text = line[i].text.empty() && i + 1 < line.size() ? "<none>" : printable(line[i].text);
      widths[i] = std::max(widths[i], width_of(line[i].text));
    }
  }
  std::string out;
  for (const Row& line : lines) {
    out += indent;
    for (std::size_t i = 0; i < line.size(); ++i) {
      out += terminal.styled(line[i].text, line[i].style);
      if (i + 1 < line.size()) out += std::string(widths[i] - width_of(line[i].text) + 3, ' ');
    }
    out += '\n';
  }
  return out;
}

}  // namespace atelier::cli
