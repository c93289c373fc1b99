#include "app/options.h"

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <map>

namespace atelier::app {

Options parse_options(int argc, char** argv) {
  Options options;
  CLI::App app{"Atelier: a Kubernetes operator for data-engineering workspaces and pipelines", "atelier-operator"};
  app.set_version_flag("--version", ATELIER_VERSION);
  app.add_option("--kubeconfig", options.kubeconfig,
                 "Kubeconfig file; without it $KUBECONFIG, the pod's service account, then ~/.kube/config");
  app.add_option("--context", options.context, "Context of the kubeconfig; its current one without it");
  app.add_option("--stage-image", options.stage_image,
                 "Image that holds the static /atelier-stage of this version; nodes pull it for publish pods")
      ->required();
  app.add_option("--lease-namespace", options.lease_namespace, "Namespace of the Lease that elects a leader")
      ->capture_default_str();
  const std::map<std::string, log::Level> levels{{"debug", log::Level::debug},
                                                 {"info", log::Level::info},
                                                 {"warn", log::Level::warn},
                                                 {"error", log::Level::error}};
  app.add_option("--log-level", options.log_level, "debug, info, warn or error")
      ->transform(CLI::CheckedTransformer(levels, CLI::ignore_case));
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::exit(app.exit(error));
  }
  return options;
}

}  // namespace atelier::app
