#include "app/options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <map>

#include "atelier/api/validate.h"
#include "reconcile/tenant_policy.h"

namespace atelier::app {

namespace {

constexpr const char* kWatchNamespaces = "--watch-namespaces";

[[noreturn]] void refuse_namespace(const std::string& name, const std::string& why) {
  throw CLI::ValidationError(kWatchNamespaces, '"' + name + "\" " + why);
}

void add_namespaces(const std::string& text, std::vector<std::string>& into) {
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    const std::string name = text.substr(at, end - at);
    at = end + 1;
    if (!api::is_dns_label(name)) {
      refuse_namespace(name, "should be a namespace: at most 63 of a-z, 0-9 and -; several are separated by commas");
    }
    if (std::find(into.begin(), into.end(), name) != into.end()) refuse_namespace(name, "is there twice");
    into.push_back(name);
  }
}

}  // namespace

Options parse_options(int argc, char** argv) {
  Options options;
  CLI::App app{"Atelier: a Kubernetes operator for data-engineering workspaces and pipelines", "atelier-operator"};
  app.set_version_flag("--version", ATELIER_VERSION);
  app.add_option("--kubeconfig", options.kubeconfig,
                 "Kubeconfig file; without it $KUBECONFIG, the pod's service account, then ~/.kube/config");
  app.add_option("--context", options.context, "Context of the kubeconfig; its current one without it");
  app.add_option("--stage-image", options.stage_image,
                 "Image that holds the static /atelier-stage of this version; nodes pull it for publish pods. "
                 "Without it, in a pod: the image of that pod's container \"operator\"");
  app.add_option("--pod-name", options.pod.name, "Pod that this process runs in")->envname("POD_NAME");
  app.add_option("--pod-namespace", options.pod.ns, "Namespace of that pod")->envname("POD_NAMESPACE");
  const auto* lease_namespace =
      app.add_option("--lease-namespace", options.lease_namespace,
                     "Namespace of the Lease that elects a leader; that of the pod, or atelier-system");
  const auto add_watched = [&](const std::vector<std::string>& texts) {
    for (const std::string& text : texts) add_namespaces(text, options.watch_namespaces);
  };
  app.add_option_function<std::vector<std::string>>(
         kWatchNamespaces, add_watched,
         "NAME[,NAME]...: the only namespaces to watch, with a Role in each in place of rights in the whole cluster; "
         "nothing of BusinessDomains and approvals works then. All without it")
      ->allow_extra_args(false)
      ->trigger_on_parse();
  app.add_option("--metrics-bind-address", options.metrics_bind_address,
                 "Where /metrics is served, as in :8080 or 127.0.0.1:8080; 0 turns it off")
      ->capture_default_str();
  app.add_option("--health-probe-bind-address", options.health_probe_bind_address,
                 "Where /healthz and /readyz are served; 0 turns them off")
      ->capture_default_str();
  const auto each = [&](const char* name, auto parse_one, auto& into, const char* what) {
    const auto add = [name, parse_one, &into](const std::vector<std::string>& texts) {
      for (const std::string& text : texts) {
        const auto one = parse_one(text);
        if (!one) throw CLI::ValidationError(name, one.error().message);
        into.insert(one.value());
      }
    };
    app.add_option_function<std::vector<std::string>>(name, add, what)->allow_extra_args(false)->trigger_on_parse();
  };
  const auto without_tls = [](const std::string& text) { return registry::parse_place(text, false); };
  each("--insecure-registry", without_tls, options.registries.insecure,
       "HOST[:PORT] of a registry without TLS, which may have any address, loopback too; with https:// before it, of "
       "one with TLS at such an address. May be repeated");
  each("--registry-realm", &registry::parse_realm, options.registries.realms,
       "REGISTRY=REALM, each a HOST[:PORT]: the registry may name this other host to get its tokens from. May be "
       "repeated");
  app.add_option("--registry-ca", options.registry_ca,
                 "File with authorities, in PEM, that are trusted with registries' certificates beside the system's");
  const std::map<std::string, log::Level> levels{{"debug", log::Level::debug},
                                                 {"info", log::Level::info},
                                                 {"warn", log::Level::warn},
                                                 {"error", log::Level::error}};
  const auto set_level = [&](const std::string& text) {
    const auto at = levels.find(CLI::ignore_case(text));
    if (at == levels.end()) {
      throw CLI::ValidationError("--log-level", '"' + text + "\" should be debug, info, warn or error");
    }
    options.log_level = at->second;
  };
  app.add_option_function<std::string>("--log-level", set_level, "debug, info, warn or error; info without it");
  app.footer(
      "Ends with 0 when asked to, 1 without an API server, when an address cannot be listened on, when the lease is "
      "lost or etcd was restored, 2 when the options are wrong, 3 when the lease ran out and the process was stuck.");
  try {
    app.parse(argc, argv);
    if (lease_namespace->count() == 0 && !options.pod.ns.empty()) options.lease_namespace = options.pod.ns;
    for (const std::string& name : options.watch_namespaces) {
      if (!reconcile::is_reserved(name, options.lease_namespace) && name != options.pod.ns) continue;
      refuse_namespace(name, "is the cluster's or the operator's own; watch namespaces of teams");
    }
    if (options.stage_image.empty() && (options.pod.name.empty() || options.pod.ns.empty())) {
      throw CLI::RequiredError("--stage-image, outside of a pod that POD_NAME and POD_NAMESPACE tell,");
    }
  } catch (const CLI::ParseError& error) {
    std::exit(app.exit(error) == 0 ? 0 : kExitUsage);
  }
  return options;
}

}  // namespace atelier::app
