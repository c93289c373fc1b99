// Text of other people's making, made harmless for a terminal.
#pragma once

#include <string>
#include <string_view>

namespace atelier::cli {

// Control characters, also those of C1, marks that turn the direction of text, and bytes that are no UTF-8 are written
// as escapes such as \x1b, \n or \u202e, so that nothing from the cluster moves a cursor or pretends to be output of
// this program.
std::string printable(std::string_view text);

// The same, but line ends and tabs stay.
std::string printable_lines(std::string_view text);

// One line of a task's output: a tab stays, the return before the line's end goes, and so do the colours that tools
// write (ECMA-48's SGR sequences): lines of several tasks stand among each other, and none may colour the next.
std::string printable_output(std::string_view line);

// A document of JSON or YAML that was written without them: what is left of control characters and turning marks
// stands within strings, and becomes their escape \u009b.
std::string printable_document(std::string_view text);

}  // namespace atelier::cli
