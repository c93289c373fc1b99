// The command line for teams. Exit codes: 0 done, 1 findings, 2 wrong usage or an unreadable file.
#include <CLI/CLI.hpp>
#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>

#include "cli/lint.h"

namespace {

using atelier::cli::Manifest;

// "-" is standard input.
bool read(const std::string& file, std::vector<Manifest>& into) {
  std::ostringstream text;
  if (file == "-") {
    text << std::cin.rdbuf();
    into.push_back({"<stdin>", text.str()});
    return true;
  }
  std::ifstream in(file, std::ios::binary);
  if (!in || !(in.peek() == std::ifstream::traits_type::eof() || text << in.rdbuf())) {
    std::cerr << "atelier: " << file << " cannot be read\n";
    return false;
  }
  into.push_back({file, text.str()});
  return true;
}

int lint(const std::vector<std::string>& files) {
  std::vector<Manifest> manifests;
  for (const std::string& file : files) {
    if (!read(file, manifests)) return 2;
  }
  const auto findings = atelier::cli::lint(manifests);
  for (const auto& finding : findings) std::cerr << finding.to_string() << "\n";
  return findings.empty() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Workspaces and pipelines from the command line."};
  app.name("atelier");
  app.require_subcommand(1);
  app.set_version_flag("--version", ATELIER_VERSION);
  std::vector<std::string> files;
  CLI::App* const linting = app.add_subcommand("lint", "Check manifests as the operator would, without a cluster.");
  linting->add_option("FILE", files, "YAML manifests; - is standard input")->required();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  return lint(files);
}
