#include <ostream>

#include "cli/convert.h"
#include "cli/failure.h"
#include "cli/manifests.h"
#include "cli/program.h"
#include "cli/verbs.h"

namespace atelier::cli {
namespace {

struct Asked {
  std::vector<std::string> files;
  convert::Options options;
  std::string data_domain;
};

Result<int> run(Asked asked, Terminal& terminal) {
  const auto domain = parse_reference(asked.data_domain);
  if (!domain) return invalid("--data-domain: " + domain.error().message);
  asked.options.data_domain = domain.value();
  ATELIER_TRY(const auto files, read_manifests(asked.files, terminal.in));
  const Manifests converted = convert(files, asked.options);
  std::string before;  // documents of one file that are alike have the same to be told
  for (const Finding& finding : converted.findings) {
    const std::string line = finding.to_string();
    if (line != before) terminal.err << line << "\n";
    before = line;
  }
  terminal.out << converted.yaml;
  return converted.refused() ? kFailed : kDone;
}

}  // namespace

void add_convert(Program& program) {
  const auto asked = std::make_shared<Asked>();
  CLI::App& verb =
      program.add("convert", "Print a deployment-needs.yaml or Ratatouille's workspace.yaml as a Workspace.",
                  [asked, &program] { return run(*asked, program.terminal()); });
  convert::Options& options = asked->options;
  verb.add_option("FILE", asked->files, "The files, or folders of them; - is standard input")->required();
  verb.add_option("--data-domain", asked->data_domain, "The DataDomain to publish to")->type_name("NAMESPACE/NAME");
  verb.add_option("--name", options.name, "The workspace's name, and its folder on the storage")->type_name("NAME");
  verb.add_option("--namespace", options.ns, "The workspace's namespace")->type_name("NAME");
  verb.add_option("--image", options.image, "For a file that names no image")->type_name("REPOSITORY:TAG");
  verb.add_option("--dags", options.dags, "The folder of the image to publish, where the file does not say it")
      ->type_name("FOLDER");
}

}  // namespace atelier::cli
