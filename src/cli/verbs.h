// The verbs, each with its options, in a file of its name.
#pragma once

namespace atelier::cli {

class Program;

void add_convert(Program& program);
void add_get(Program& program);
void add_lint(Program& program);

}  // namespace atelier::cli
