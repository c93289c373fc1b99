#include <yaml-cpp/yaml.h>

#include <filesystem>
#include <memory>

#include "atelier/base/base64.h"
#include "atelier/kube/config.h"
#include "kube/credentials.h"

namespace atelier::kube {
namespace {

// A place in the file: a mapping and the path that led to it, for messages.
class Section {
 public:
  Section(const YAML::Node& node, std::string file, std::string path)
      : node_(node), file_(std::move(file)), path_(std::move(path)) {}

  Error refused(const std::string& field, const std::string& why) const {
    return invalid("kubeconfig " + file_ + ": " + (path_.empty() ? field : path_ + "." + field) + ": " + why);
  }

  bool has(const std::string& field) const { return node_.IsMap() && node_[field] && !node_[field].IsNull(); }

  // Empty when it is absent.
  Result<std::string> text(const std::string& field) const {
    if (!has(field)) return std::string{};
    const YAML::Node value = node_[field];
    if (!value.IsScalar()) return refused(field, "must be a string");
    return value.Scalar();
  }

  Result<bool> flag(const std::string& field) const {
    ATELIER_TRY(const std::string value, text(field));
    if (value.empty() || value == "false") return false;
    if (value == "true") return true;
    return refused(field, "must be true or false");
  }

  Result<Section> section(const std::string& field) const {
    if (!has(field)) return refused(field, "is missing");
    if (!node_[field].IsMap()) return refused(field, "must be a mapping");
    return Section{node_[field], file_, path_.empty() ? field : path_ + "." + field};
  }

  // The entry of list `field` with this name, and in it the mapping `inner`.
  Result<Section> named(const std::string& field, const std::string& name, const std::string& inner) const {
    if (!has(field)) return refused(field, "is missing");
    const YAML::Node entries = node_[field];
    if (!entries.IsSequence()) return refused(field, "must be a list");
    for (std::size_t i = 0; i < entries.size(); ++i) {
      const std::string at = field + "[" + std::to_string(i) + "]";
      if (!entries[i].IsMap()) return refused(at, "must be a mapping");
      const Section entry{entries[i], file_, at};
      ATELIER_TRY(const std::string entry_name, entry.text("name"));
      if (entry_name == name) return entry.section(inner);
    }
    return refused(field, "has no entry named \"" + name + "\"");
  }

  std::string resolved(const std::string& path) const {
    return (std::filesystem::path(file_).parent_path() / path).lexically_normal();  // absolute paths stay
  }

  // `field`-data in base64, or the content of the file that `field` names; empty when there is neither.
  Result<std::string> blob(const std::string& field) const {
    ATELIER_TRY(const std::string data, text(field + "-data"));
    if (!data.empty()) {
      auto decoded = base64_decode(data);
      if (!decoded) return refused(field + "-data", "is not base64");
      return std::move(*decoded);
    }
    ATELIER_TRY(const std::string path, text(field));
    if (path.empty()) return std::string{};
    auto content = read_whole_file(resolved(path));
    if (!content) return refused(field, content.error().message);
    if (content.value().empty()) return refused(field, resolved(path) + ": is empty");
    return content;
  }

 private:
  YAML::Node node_;
  std::string file_;
  std::string path_;
};

Result<void> read_cluster(const Section& cluster, http::Endpoint& endpoint) {
  ATELIER_TRY(endpoint.base_url, cluster.text("server"));
  while (endpoint.base_url.ends_with('/')) endpoint.base_url.pop_back();
  const std::string& url = endpoint.base_url;
  if (url.empty()) return cluster.refused("server", "is missing");
  if (!url.starts_with("https://") && !url.starts_with("http://")) {
    return cluster.refused("server", "must start with https:// or http://");
  }
  ATELIER_TRY(endpoint.ca_pem, cluster.blob("certificate-authority"));
  ATELIER_TRY(endpoint.insecure, cluster.flag("insecure-skip-tls-verify"));
  if (endpoint.insecure && !endpoint.ca_pem.empty()) {
    return cluster.refused("insecure-skip-tls-verify", "contradicts certificate-authority: remove one of them");
  }
  ATELIER_TRY(endpoint.server_name, cluster.text("tls-server-name"));
  ATELIER_TRY(endpoint.proxy_url, cluster.text("proxy-url"));
  return boost::outcome_v2::success();
}

Result<void> read_user(const Section& user, http::Endpoint& endpoint, SteadyClock clock) {
  for (const char* field : {"exec", "auth-provider", "as", "as-uid", "as-groups", "as-user-extra", "username"}) {
    if (user.has(field)) return user.refused(field, "is not supported; use a client certificate, token or tokenFile");
  }
  ATELIER_TRY(endpoint.client_cert_pem, user.blob("client-certificate"));
  ATELIER_TRY(endpoint.client_key_pem, user.blob("client-key"));
  if (endpoint.client_cert_pem.empty() != endpoint.client_key_pem.empty()) {
    const bool no_key = endpoint.client_key_pem.empty();
    return user.refused(no_key ? "client-key" : "client-certificate", "is missing: they come in pairs");
  }
  ATELIER_TRY(std::string token, user.text("token"));
  token = without_surrounding_space(token);
  ATELIER_TRY(const std::string token_file, user.text("tokenFile"));
  if (!token_file.empty()) {  // wins over token, as in kubectl
    const auto file = std::make_shared<TokenFile>(user.resolved(token_file), std::move(clock));
    if (file->token().empty()) return user.refused("tokenFile", user.resolved(token_file) + " has no token");
    endpoint.bearer_token = [file] { return file->token(); };
    endpoint.token_refused = [file] { file->refuse(); };
  } else if (!token.empty()) {
    endpoint.bearer_token = [token] { return token; };
  }
  return boost::outcome_v2::success();
}

Result<Config> read_kubeconfig(const YAML::Node& document, const std::string& path, std::string_view wanted,
                               SteadyClock clock) {
  const Section root{document, path, {}};
  if (!document.IsMap()) return root.refused("file", "must be a mapping");
  std::string name{wanted};
  if (name.empty()) {
    ATELIER_TRY(name, root.text("current-context"));
  }
  if (name.empty()) return root.refused("current-context", "is missing; set it or pass a context");
  ATELIER_TRY(const Section context, root.named("contexts", name, "context"));
  ATELIER_TRY(const std::string cluster_name, context.text("cluster"));
  ATELIER_TRY(const std::string user_name, context.text("user"));
  ATELIER_TRY(const std::string ns, context.text("namespace"));
  if (cluster_name.empty()) return context.refused("cluster", "is missing");
  Config config;
  config.source = path;
  if (!ns.empty()) config.ns = ns;
  ATELIER_TRY(const Section cluster, root.named("clusters", cluster_name, "cluster"));
  ATELIER_TRY(read_cluster(cluster, config.endpoint));
  if (user_name.empty()) return config;  // anonymous
  ATELIER_TRY(const Section user, root.named("users", user_name, "user"));
  ATELIER_TRY(read_user(user, config.endpoint, std::move(clock)));
  return config;
}

}  // namespace

Result<Config> parse_kubeconfig(std::string_view text, const std::string& path, std::string_view context,
                                SteadyClock clock) {
  try {
    return read_kubeconfig(YAML::Load(std::string(text)), path, context, std::move(clock));
  } catch (const YAML::Exception& error) {
    return invalid("kubeconfig " + path + ": line " + std::to_string(error.mark.line + 1) + ": " + error.msg);
  }
}

Result<Config> load_kubeconfig(const std::string& path, std::string_view context, SteadyClock clock) {
  auto text = read_whole_file(path);
  if (!text) return invalid("kubeconfig " + text.error().message);
  return parse_kubeconfig(text.value(), path, context, std::move(clock));
}

}  // namespace atelier::kube
