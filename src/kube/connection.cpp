#include "kube/connection.h"

#include <memory>

#include "kube/exec_credentials.h"
#include "kube/file_credentials.h"
#include "kube/key_pair.h"
#include "kube/text_file.h"

namespace atelier::kube {
namespace {

Error refused(const Material& material, const Error& error) {
  return invalid(material.where + ": " + (material.path.empty() ? "" : material.path + ": ") + error.message);
}

Result<std::string> content_of(const Material& material) {
  if (material.path.empty()) return material.data;
  auto content = read_whole_file(material.path);
  if (!content) return invalid(material.where + ": " + content.error().message);
  if (content.value().empty()) return refused(material, invalid("is empty"));
  return content;
}

// The files are read once more with each renewal; here is known which field named them.
Result<void> check(const Choice& choice) {
  if (!choice.authority.empty()) {
    ATELIER_TRY(const std::string authority, content_of(choice.authority));
    if (const auto good = check_authority(authority); !good) return refused(choice.authority, good.error());
  }
  if (!choice.client_cert.empty()) {
    ATELIER_TRY(const std::string certificate, content_of(choice.client_cert));
    ATELIER_TRY(const std::string key, content_of(choice.client_key));
    if (const auto good = check_key_pair(certificate, key); !good) return refused(choice.client_cert, good.error());
  }
  return boost::outcome_v2::success();
}

}  // namespace

Result<http::Endpoint> connection_of(const Choice& choice, Loop& loop, ProcessRunner& processes) {
  ATELIER_TRY(check(choice));
  http::Endpoint endpoint;
  endpoint.base_url = choice.cluster.server;
  endpoint.insecure = choice.cluster.insecure;
  endpoint.server_name = choice.cluster.tls_server_name;
  endpoint.proxy_url = choice.cluster.proxy_url;
  endpoint.compression = !choice.cluster.disable_compression;
  endpoint.headers = choice.impersonation;
  endpoint.ca_pem = choice.authority.data;
  if (choice.client_cert.path.empty() && choice.client_key.path.empty()) {
    endpoint.client_cert_pem = choice.client_cert.data;
    endpoint.client_key_pem = choice.client_key.data;
  }
  if (choice.token_file.empty()) endpoint.bearer_token = choice.token;  // the file wins, as in kubectl

  const CredentialFiles files{choice.authority.path, choice.client_cert.path, choice.client_key.path,
                              choice.token_file.path};
  const bool has_token = !choice.token.empty() || !files.token.empty();
  const bool runs_plugin = choice.plugin && !has_token;  // a token is enough, as in client-go
  if (files.empty() && !runs_plugin) return endpoint;
  const http::Credential fixed{endpoint.bearer_token, choice.authority.data, choice.client_cert.data,
                               choice.client_key.data};
  auto from_files = std::make_shared<FileCredentials>(files, fixed, loop);
  if (const auto opened = from_files->open(); !opened) {
    return invalid(choice.token_file.where + ": " + opened.error().message);
  }
  endpoint.credentials = from_files;
  if (runs_plugin) {
    const ExecCredentials::Settings settings{*choice.plugin, choice.cluster};
    endpoint.credentials = std::make_shared<ExecCredentials>(settings, from_files, loop, processes);
  }
  return endpoint;
}

}  // namespace atelier::kube
