#include <ostream>

#include "cli/completion.h"
#include "cli/failure.h"
#include "cli/program.h"
#include "cli/verbs.h"

namespace atelier::cli {

void add_completion(Program& program) {
  const auto shell = std::make_shared<std::string>();
  CLI::App& verb = program.add("completion", "Print what a shell needs to complete verbs, flags and names.",
                               [shell, &program]() -> Result<int> {
                                 program.terminal().out << completion(*shell, program.app());
                                 return kDone;
                               });
  verb.add_option("SHELL", *shell, "Whose completion")
      ->type_name("NAME")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
}

}  // namespace atelier::cli
