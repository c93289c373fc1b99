#include "atelier/kube/config.h"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <optional>
#include <vector>

#include "atelier/base/text.h"
#include "kube/connection.h"
#include "kube/file_credentials.h"
#include "kube/kubeconfig.h"
#include "kube/text_file.h"

namespace atelier::kube {
namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string{} : value;
}

// Each once; empty entries are none.
std::vector<std::string> files_of(std::string_view list) {
  std::vector<std::string> files;
  while (!list.empty()) {
    const std::size_t colon = std::min(list.find(':'), list.size());
    std::string file{list.substr(0, colon)};
    list.remove_prefix(std::min(colon + 1, list.size()));
    if (!file.empty() && std::find(files.begin(), files.end(), file) == files.end()) files.push_back(std::move(file));
  }
  return files;
}

Result<Config> config_of(const Kubeconfig& kubeconfig, std::string_view context, Loop& loop, ProcessRunner& processes) {
  ATELIER_TRY(const Choice choice, choose(kubeconfig, context));
  Config config;
  ATELIER_TRY(config.endpoint, connection_of(choice, loop, processes));
  if (!choice.ns.empty()) config.ns = choice.ns;
  for (const std::string& file : kubeconfig.files) config.source += (config.source.empty() ? "" : ":") + file;
  return config;
}

Result<Kubeconfig> read_kubeconfig(const std::string& file) {
  auto text = read_whole_file(file);
  if (!text) return Error{text.error().code, "kubeconfig " + text.error().message};
  return parse_kubeconfig(text.value(), file);
}

}  // namespace

Result<Config> load_kubeconfig(const std::string& file, std::string_view context, Loop& loop,
                               ProcessRunner& processes) {
  auto kubeconfig = read_kubeconfig(file);
  if (!kubeconfig) return invalid(kubeconfig.error().message);
  return config_of(kubeconfig.value(), context, loop, processes);
}

Result<Config> load_kubeconfigs(const std::string& files, std::string_view context, Loop& loop,
                                ProcessRunner& processes) {
  std::optional<Kubeconfig> all;
  for (const std::string& file : files_of(files)) {
    auto kubeconfig = read_kubeconfig(file);
    if (!kubeconfig && kubeconfig.error().code == Errc::not_found) continue;
    if (!kubeconfig) return kubeconfig.error();
    if (all) {
      merge(*all, std::move(kubeconfig).value());
    } else {
      all = std::move(kubeconfig).value();
    }
  }
  if (!all) return invalid("kubeconfig " + files + ": none of these files is there");
  return config_of(*all, context, loop, processes);
}

Result<Config> load_in_cluster(const InCluster& where, Loop& loop) {
  if (where.host.empty() || where.port.empty()) {
    return invalid("KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set: this is no pod of a cluster");
  }
  Config config;
  config.source = "in-cluster";
  const bool v6 = where.host.find(':') != std::string::npos;
  config.endpoint.base_url = "https://" + (v6 ? "[" + where.host + "]" : where.host) + ":" + where.port;
  const CredentialFiles files{where.folder + "/ca.crt", {}, {}, where.folder + "/token"};
  const auto credentials = std::make_shared<FileCredentials>(files, http::Credential{}, loop);
  if (const auto opened = credentials->open(); !opened) {
    return invalid(opened.error().message + ": this pod's service account is not mounted");
  }
  config.endpoint.credentials = credentials;
  if (const auto ns = read_whole_file(where.folder + "/namespace")) {
    const std::string_view name = without_surrounding_space(ns.value());
    if (!name.empty()) config.ns = name;
  }
  return config;
}

Result<Config> load_config(const std::string& kubeconfig, std::string_view context, Loop& loop,
                           ProcessRunner& processes) {
  if (!kubeconfig.empty()) return load_kubeconfig(kubeconfig, context, loop, processes);
  if (const std::string files = environment("KUBECONFIG"); !files_of(files).empty()) {
    return load_kubeconfigs(files, context, loop, processes);
  }
  InCluster pod;
  pod.host = environment("KUBERNETES_SERVICE_HOST");
  pod.port = environment("KUBERNETES_SERVICE_PORT");
  if (!pod.host.empty() && context.empty()) return load_in_cluster(pod, loop);
  const std::string home = environment("HOME");
  if (home.empty()) return invalid("no cluster is configured: set KUBECONFIG or pass --kubeconfig");
  auto config = load_kubeconfig(home + "/.kube/config", context, loop, processes);
  if (!config)
    return invalid("no cluster is configured (" + config.error().message + "): set KUBECONFIG or pass --kubeconfig");
  return config;
}

}  // namespace atelier::kube
