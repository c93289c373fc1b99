// The command line for teams, as `atelier` and as `kubectl atelier`.
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>

#include "atelier/base/log.h"
#include "cli/failure.h"
#include "cli/program.h"

namespace {

bool is_set(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0';
}

bool is_screen() {
  const char* kind = std::getenv("TERM");
  return ::isatty(STDOUT_FILENO) == 1 && ::isatty(STDERR_FILENO) == 1 && kind != nullptr &&
         std::string_view(kind) != "dumb";
}

std::size_t width_of_screen() {
  winsize size{};
  const bool known = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20;
  return known ? size.ws_col : 80;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace atelier;
  std::ios::sync_with_stdio(false);
  log::set_level(log::Level::error);  // verbs say themselves what fails
  const bool screen = is_screen();
  cli::Terminal terminal{std::cin,          std::cout, std::cerr, screen, screen && !is_set("NO_COLOR"),
                         width_of_screen(), "atelier", "",        ""};
  try {
    return cli::Program{argv[0], terminal, cli::connect}.run({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    std::cerr << "atelier: " << error.what() << "\n";
    return cli::kFailed;
  }
}
