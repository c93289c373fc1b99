// The verbs, each with its options.
#pragma once

namespace atelier::cli {

class Program;

void add_approve(Program& program);
void add_cancel(Program& program);
void add_completion(Program& program);
void add_convert(Program& program);
void add_describe(Program& program);
void add_doctor(Program& program);
void add_get(Program& program);
void add_graph(Program& program);
void add_lint(Program& program);
void add_logs(Program& program);
void add_retry(Program& program);
void add_rollback(Program& program);
void add_run(Program& program);
void add_suspend(Program& program);  // and resume
void add_uninstall(Program& program);
void add_why(Program& program);

}  // namespace atelier::cli
