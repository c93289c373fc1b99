// The command line for teams. Exit codes: 0 done, perhaps with warnings, 1 findings, 2 wrong usage or an unreadable
// file.
#include <CLI/CLI.hpp>
#include <iostream>

#include "cli/convert.h"
#include "cli/lint.h"
#include "cli/manifests.h"

namespace {

int lint(const std::vector<std::string>& paths) {
  const auto manifests = atelier::cli::read_manifests(paths, std::cin);
  if (!manifests) {
    std::cerr << "atelier: " << manifests.error().message << "\n";
    return 2;
  }
  const auto report = atelier::cli::lint(manifests.value());
  for (const auto& finding : report.findings) std::cerr << finding.to_string() << "\n";
  const auto counted = [](std::size_t count, const std::string& what) {
    return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
  };
  std::cout << counted(report.objects, "object") << " of atelier.dev checked, " << counted(report.errors(), "finding");
  if (report.warnings() > 0) std::cout << ", " << counted(report.warnings(), "warning");
  std::cout << "\n";
  return report.errors() == 0 ? 0 : 1;
}

int convert(const std::vector<std::string>& paths, const atelier::convert::Options& options) {
  const auto files = atelier::cli::read_manifests(paths, std::cin);
  if (!files) {
    std::cerr << "atelier: " << files.error().message << "\n";
    return 2;
  }
  const auto converted = atelier::cli::convert(files.value(), options);
  for (const auto& finding : converted.findings) std::cerr << finding.to_string() << "\n";
  std::cout << converted.yaml;
  return converted.refused() ? 1 : 0;
}

int run(int argc, char** argv) {
  CLI::App app{"Workspaces and pipelines from the command line."};
  app.name("atelier");
  app.require_subcommand(1);
  app.set_version_flag("--version", ATELIER_VERSION);
  std::vector<std::string> files;
  CLI::App* const linting = app.add_subcommand("lint", "Check manifests as the operator would, without a cluster.");
  linting->add_option("FILE", files, "YAML or JSON manifests, or folders of them; - is standard input")->required();
  CLI::App* const converting =
      app.add_subcommand("convert", "Print a deployment-needs.yaml or Ratatouille's workspace.yaml as a Workspace.");
  atelier::convert::Options options;
  std::string data_domain;
  converting->add_option("FILE", files, "The files, or folders of them; - is standard input")->required();
  converting->add_option("--data-domain", data_domain, "NAMESPACE/NAME of the DataDomain to publish to");
  converting->add_option("--name", options.name, "The workspace's name, and its folder on the storage");
  converting->add_option("--namespace", options.ns, "The workspace's namespace");
  converting->add_option("--image", options.image, "REPOSITORY:TAG, for a file that names no image");
  converting->add_option("--dags", options.dags, "The folder of the image to publish, where the file does not say it");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  if (linting->parsed()) return lint(files);
  const auto domain = atelier::cli::parse_reference(data_domain);
  if (!domain) {
    std::cerr << "atelier: --data-domain: " << domain.error().message << "\n";
    return 2;
  }
  options.data_domain = domain.value();
  return convert(files, options);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "atelier: " << error.what() << "\n";
    return 2;
  }
}
