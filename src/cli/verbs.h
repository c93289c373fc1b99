// The verbs, each with its options.
#pragma once

namespace atelier::cli {

class Program;

void add_convert(Program& program);
void add_describe(Program& program);
void add_get(Program& program);
void add_lint(Program& program);
void add_why(Program& program);

}  // namespace atelier::cli
