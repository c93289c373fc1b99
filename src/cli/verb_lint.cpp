#include <ostream>

#include "cli/failure.h"
#include "cli/lint.h"
#include "cli/manifests.h"
#include "cli/program.h"
#include "cli/verbs.h"

namespace atelier::cli {
namespace {

Result<int> run(const std::vector<std::string>& paths, Terminal& terminal) {
  ATELIER_TRY(const auto manifests, read_manifests(paths, terminal.in));
  const Report report = lint(manifests);
  for (const Finding& finding : report.findings) terminal.err << finding.to_string() << "\n";
  const auto counted = [](std::size_t count, const std::string& what) {
    return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
  };
  terminal.out << counted(report.objects, "object") << " of atelier.dev checked, "
               << counted(report.errors(), "finding");
  if (report.warnings() > 0) terminal.out << ", " << counted(report.warnings(), "warning");
  terminal.out << "\n";
  return report.errors() == 0 ? kDone : kFailed;
}

}  // namespace

void add_lint(Program& program) {
  const auto files = std::make_shared<std::vector<std::string>>();
  CLI::App& verb = program.add("lint", "Check manifests as the operator would, without a cluster.",
                               [files, &program] { return run(*files, program.terminal()); });
  verb.add_option("FILE", *files, "YAML or JSON manifests, or folders of them; - is standard input")->required();
}

}  // namespace atelier::cli
