// Rows in aligned columns.
#pragma once

#include <string>
#include <vector>

#include "cli/terminal.h"

namespace atelier::cli {

// One value of a table. Its text may come from anywhere: it is escaped when it is written.
struct Cell {
  Cell(std::string text_in = {}, Style style_in = Style::plain) : text(std::move(text_in)), style(style_in) {}
  Cell(const char* text_in) : text(text_in) {}

  std::string text;
  Style style = Style::plain;

  bool operator==(const Cell&) const = default;
};
using Row = std::vector<Cell>;

// A line for the head, if there is one, and one for each row; three spaces between columns, none after the last.
// Rows may be shorter than others. An empty cell is <none>, but in the last column.
std::string table(const Row& head, const std::vector<Row>& rows, const Terminal& terminal,
                  const std::string& indent = "");

}  // namespace atelier::cli
