#include <algorithm>
#include <array>

#include "atelier/base/text.h"
#include "kube/kubeconfig.h"
#include "kube/text_file.h"

namespace atelier::kube {
namespace {

constexpr std::string_view kExecV1 = "client.authentication.k8s.io/v1";
constexpr std::string_view kExecV1beta1 = "client.authentication.k8s.io/v1beta1";

// A header's name may have these; everything else, and %, is percent-encoded.
std::string header_name_part(std::string_view text) {
  static constexpr std::string_view kPlain = "!#$&'*+-.^_`|~";
  static constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string all;
  for (const char c : text) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (letter || kPlain.find(c) != std::string_view::npos) {
      all += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      all += '%';
      all += kDigits[byte >> 4];
      all += kDigits[byte & 15];
    }
  }
  return all;
}

Result<void> add_header(const Section& user, const std::string& field, const std::string& name,
                        const std::string& value, http::Headers& headers) {
  if (!is_header_value(value)) return user.refused(field, "must be without line breaks and control characters");
  headers.emplace_back(name, value);
  return boost::outcome_v2::success();
}

Result<void> read_impersonation(const Section& user, http::Headers& headers) {
  ATELIER_TRY(const std::string name, user.text("as"));
  ATELIER_TRY(const std::string uid, user.text("as-uid"));
  ATELIER_TRY(const std::vector<std::string> groups, user.texts("as-groups"));
  ATELIER_TRY(const auto extra, user.lists("as-user-extra"));
  if (name.empty()) {
    if (uid.empty() && groups.empty() && extra.empty()) return boost::outcome_v2::success();
    return user.refused("as", "is missing: as-uid, as-groups and as-user-extra are about that user");
  }
  ATELIER_TRY(add_header(user, "as", "Impersonate-User", name, headers));
  if (!uid.empty()) {
    ATELIER_TRY(add_header(user, "as-uid", "Impersonate-Uid", uid, headers));
  }
  for (const std::string& group : groups) {
    ATELIER_TRY(add_header(user, "as-groups", "Impersonate-Group", group, headers));
  }
  for (const auto& [key, values] : extra) {
    for (const std::string& value : values) {
      ATELIER_TRY(add_header(user, "as-user-extra", "Impersonate-Extra-" + header_name_part(key), value, headers));
    }
  }
  return boost::outcome_v2::success();
}

Result<void> check_mode(const Section& exec, std::string_view version) {
  ATELIER_TRY(const std::string mode, exec.text("interactiveMode"));
  if (mode.empty() && version == kExecV1) {
    return exec.refused("interactiveMode", "is missing: set it to Never or IfAvailable");
  }
  if (mode == "Always") {
    return exec.refused("interactiveMode",
                        "is Always, and this program has no terminal: use a plugin that works "
                        "with Never or IfAvailable, or a token");
  }
  if (!mode.empty() && mode != "Never" && mode != "IfAvailable") {
    return exec.refused("interactiveMode", "must be Never or IfAvailable");
  }
  return boost::outcome_v2::success();
}

// argv and environment become C strings.
Result<void> check_c_string(const Section& exec, const std::string& field, const std::string& text) {
  if (text.find('\0') != std::string::npos) return exec.refused(field, "must be without null characters");
  return boost::outcome_v2::success();
}

Result<ExecPlugin> read_plugin(const Section& user) {
  ATELIER_TRY(const Section exec, user.section("exec"));
  ExecPlugin plugin;
  plugin.where = user.where("exec");
  ATELIER_TRY(plugin.api_version, exec.text("apiVersion"));
  if (plugin.api_version != kExecV1 && plugin.api_version != kExecV1beta1) {
    return exec.refused("apiVersion", "must be " + std::string(kExecV1) + " or " + std::string(kExecV1beta1));
  }
  ATELIER_TRY(const std::string command, exec.text("command"));
  if (command.empty()) return exec.refused("command", "is missing");
  ATELIER_TRY(check_c_string(exec, "command", command));
  plugin.argv.push_back(command.find('/') == std::string::npos ? command : exec.resolved(command));
  ATELIER_TRY(const std::vector<std::string> args, exec.texts("args"));
  for (const std::string& arg : args) {
    ATELIER_TRY(check_c_string(exec, "args", arg));
  }
  plugin.argv.insert(plugin.argv.end(), args.begin(), args.end());
  ATELIER_TRY(const std::vector<Section> env, exec.sections("env"));
  for (const Section& variable : env) {
    ATELIER_TRY(const std::string name, variable.text("name"));
    ATELIER_TRY(const std::string value, variable.text("value"));
    if (name.empty() || name.find('=') != std::string::npos) {
      return variable.refused("name", "must be a variable's name");
    }
    ATELIER_TRY(check_c_string(variable, "name", name));
    ATELIER_TRY(check_c_string(variable, "value", value));
    plugin.env.emplace_back(name, value);
  }
  ATELIER_TRY(plugin.install_hint, exec.text("installHint"));
  ATELIER_TRY(plugin.provide_cluster_info, exec.flag("provideClusterInfo"));
  ATELIER_TRY(check_mode(exec, plugin.api_version));
  return plugin;
}

Result<void> refuse_unsupported(const Section& user) {
  if (user.has("auth-provider")) {
    return user.refused("auth-provider", "is not supported: use exec with your provider's plugin");
  }
  for (const char* field : {"username", "password"}) {
    if (const auto text = user.text(field); text && text.value().empty()) continue;
    return user.refused(field,
                        "is not supported: no API server has taken it since Kubernetes 1.19; use a client "
                        "certificate, a token or exec");
  }
  return boost::outcome_v2::success();
}

}  // namespace

Result<void> read_user(const Section& user, Choice& choice) {
  ATELIER_TRY(refuse_unsupported(user));
  ATELIER_TRY(choice.client_cert, material(user, "client-certificate"));
  ATELIER_TRY(choice.client_key, material(user, "client-key"));
  if (choice.client_cert.empty() != choice.client_key.empty()) {
    return user.refused(choice.client_key.empty() ? "client-key" : "client-certificate",
                        "is missing: they come in pairs");
  }
  ATELIER_TRY(const std::string token, user.text("token"));
  choice.token = without_surrounding_space(token);
  if (!is_header_value(choice.token)) return user.refused("token", "must be without control characters");
  ATELIER_TRY(const std::string token_file, user.text("tokenFile"));
  if (!token_file.empty()) choice.token_file = {user.where("tokenFile"), {}, user.resolved(token_file)};
  ATELIER_TRY(read_impersonation(user, choice.impersonation));
  if (user.has("exec")) {
    ATELIER_TRY(choice.plugin, read_plugin(user));
  }
  return boost::outcome_v2::success();
}

}  // namespace atelier::kube
