// The exec plugins of client.authentication.k8s.io/v1 and v1beta1: what a kubeconfig says of one, and the documents
// it is given and gives. Nothing runs here.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "atelier/base/process.h"
#include "atelier/base/result.h"
#include "atelier/base/time.h"

namespace atelier::kube {

struct ExecPlugin {
  std::string where;  // for messages: the file and the field
  std::vector<std::string> argv;
  std::vector<std::pair<std::string, std::string>> env;
  std::string api_version;
  std::string install_hint;
  bool provide_cluster_info = false;
};

// What a plugin may be told of the cluster.
struct ExecCluster {
  std::string server;
  std::string tls_server_name;
  std::string ca_pem;
  std::string proxy_url;
  std::string config_json;  // the cluster stanza's extension for plugins; empty: none
  bool insecure = false;
  bool disable_compression = false;
};

// The value of KUBERNETES_EXEC_INFO.
std::string exec_info(const ExecPlugin& plugin, const ExecCluster& cluster);

struct ExecCredential {
  std::string token;
  std::string client_cert_pem;
  std::string client_key_pem;
  std::optional<WallTime> expires;
};

// A plugin's output. Error: invalid, as the end of a sentence about the plugin; it never repeats the output.
Result<ExecCredential> parse_exec_credential(std::string_view text, std::string_view api_version, WallTime now);

// What to tell people of a run that failed: how it ended, the last of its standard error, and how to install it.
std::string failure_of(const ExecPlugin& plugin, const ProcessEnd& end);

}  // namespace atelier::kube
