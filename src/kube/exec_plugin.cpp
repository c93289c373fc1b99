#include "kube/exec_plugin.h"

#include <cstring>
#include <nlohmann/json.hpp>

#include "atelier/base/base64.h"
#include "atelier/base/text.h"
#include "kube/key_pair.h"
#include "kube/text_file.h"

namespace atelier::kube {
namespace {

using nlohmann::json;

// Absent and null are empty.
Result<std::string> text_of(const json& object, const char* field) {
  const auto at = object.find(field);
  if (at == object.end() || at->is_null()) return std::string{};
  if (!at->is_string()) return invalid("gave a status." + std::string(field) + " that is no string");
  return at->get<std::string>();
}

Result<ExecCredential> credential_of(const json& status, WallTime now) {
  ExecCredential credential;
  ATELIER_TRY(credential.token, text_of(status, "token"));
  ATELIER_TRY(credential.client_cert_pem, text_of(status, "clientCertificateData"));
  ATELIER_TRY(credential.client_key_pem, text_of(status, "clientKeyData"));
  ATELIER_TRY(const std::string expires, text_of(status, "expirationTimestamp"));
  if (credential.token.empty() && credential.client_cert_pem.empty() && credential.client_key_pem.empty()) {
    return invalid("gave neither status.token nor status.clientCertificateData and clientKeyData");
  }
  if (!is_header_value(credential.token)) return invalid("gave a status.token with control characters");
  if (credential.client_cert_pem.empty() != credential.client_key_pem.empty()) {
    return invalid("gave only one of status.clientCertificateData and status.clientKeyData");
  }
  if (!credential.client_cert_pem.empty()) {
    const auto good = check_key_pair(credential.client_cert_pem, credential.client_key_pem);
    if (!good) return invalid("gave a status.clientCertificateData that " + good.error().message);
  }
  if (!expires.empty()) {
    const auto time = parse_time(expires);
    if (!time) return invalid("gave a status.expirationTimestamp that is no RFC 3339 time");
    if (time.value() <= now) return invalid("gave a credential that had expired at " + format_time(time.value()));
    credential.expires = time.value();
  }
  return credential;
}

// On one line, fit for terminals and logs.
std::string printable(std::string_view text) {
  std::string all;
  for (const char c : without_surrounding_space(text)) {
    if (c == '\n') {
      all += "; ";
    } else if (static_cast<unsigned char>(c) < 0x20 || c == '\x7f') {
      static constexpr std::string_view kDigits = "0123456789abcdef";
      const auto byte = static_cast<unsigned char>(c);
      all += "\\x";
      all += kDigits[byte >> 4];
      all += kDigits[byte & 15];
    } else {
      all += c;
    }
  }
  return all;
}

}  // namespace

std::string exec_info(const ExecPlugin& plugin, const ExecCluster& cluster) {
  json spec = {{"interactive", false}};
  if (plugin.provide_cluster_info) {
    json& told = spec["cluster"] = {{"server", cluster.server}};
    if (!cluster.tls_server_name.empty()) told["tls-server-name"] = cluster.tls_server_name;
    if (!cluster.ca_pem.empty()) told["certificate-authority-data"] = base64_encode(cluster.ca_pem);
    if (!cluster.proxy_url.empty()) told["proxy-url"] = cluster.proxy_url;
    if (cluster.insecure) told["insecure-skip-tls-verify"] = true;
    if (cluster.disable_compression) told["disable-compression"] = true;
    if (!cluster.config_json.empty()) told["config"] = json::parse(cluster.config_json, nullptr, false);
  }
  const json info = {{"apiVersion", plugin.api_version}, {"kind", "ExecCredential"}, {"spec", spec}};
  return info.dump(-1, ' ', false, json::error_handler_t::replace);
}

Result<ExecCredential> parse_exec_credential(std::string_view text, std::string_view api_version, WallTime now) {
  const json document = json::parse(text, nullptr, false);
  if (!document.is_object()) return invalid("did not write an ExecCredential in JSON to its standard output");
  if (const auto kind = document.find("kind"); kind == document.end() || *kind != "ExecCredential") {
    return invalid("wrote a document whose kind is not ExecCredential");
  }
  const auto version = document.find("apiVersion");
  if (version == document.end() || *version != api_version) {
    return invalid("did not answer in apiVersion " + std::string(api_version) +
                   ", which the kubeconfig names: set exec.apiVersion to what it supports");
  }
  const auto status = document.find("status");
  if (status == document.end() || !status->is_object()) return invalid("gave no status");
  return credential_of(*status, now);
}

std::string failure_of(const ExecPlugin& plugin, const ProcessEnd& end) {
  std::string how;
  switch (end.how) {
    case ProcessEnd::How::exited:
      how = "ended with exit code " + std::to_string(end.code);
      break;
    case ProcessEnd::How::signalled:
      how = "was ended by signal " + std::to_string(end.code);
      break;
    case ProcessEnd::How::timed_out:
      how = "did not end in time and was killed";
      break;
    case ProcessEnd::How::too_long:
      how = "wrote more than an ExecCredential can be and was killed";
      break;
    case ProcessEnd::How::not_found:
      how = "is not installed: there is no such program";
      break;
    case ProcessEnd::How::not_started:
      how = std::string("could not be run: ") + std::strerror(end.code);
      break;
  }
  if (const std::string words = printable(end.diagnostics); !words.empty()) how += ": " + words;
  if (end.how == ProcessEnd::How::not_found && !plugin.install_hint.empty()) {
    how += ". " + printable(plugin.install_hint);
  }
  return how;
}

}  // namespace atelier::kube
