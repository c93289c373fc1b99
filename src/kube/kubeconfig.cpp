#include "kube/kubeconfig.h"

#include <simdjson.h>

#include <algorithm>

#include "atelier/base/base64.h"
#include "atelier/base/text.h"
#include "kube/key_pair.h"

namespace atelier::kube {
namespace {

Result<std::map<std::string, Section>> entries(const Section& root, const std::string& field) {
  std::map<std::string, Section> all;
  ATELIER_TRY(const std::vector<Section> list, root.sections(field));
  for (const Section& entry : list) {
    ATELIER_TRY(const std::string name, entry.text("name"));
    if (name.empty()) return entry.refused("name", "is missing");
    if (!all.emplace(name, entry).second) return entry.refused("name", "\"" + name + "\" is there twice");
  }
  return all;
}

Result<Kubeconfig> read_document(const YAML::Node& document, const std::string& file) {
  Kubeconfig kubeconfig;
  kubeconfig.files.push_back(file);
  if (document.IsNull()) return kubeconfig;
  if (!document.IsMap()) return invalid("kubeconfig " + file + ": file: must be a mapping");
  const Section root{document, file, {}};
  ATELIER_TRY(root.check_keys());
  ATELIER_TRY(const std::string kind, root.text("kind"));
  if (!kind.empty() && kind != "Config") return root.refused("kind", "must be Config");
  ATELIER_TRY(const std::string version, root.text("apiVersion"));
  if (!version.empty() && version != "v1") return root.refused("apiVersion", "must be v1");
  ATELIER_TRY(kubeconfig.current_context, root.text("current-context"));
  ATELIER_TRY(kubeconfig.contexts, entries(root, "contexts"));
  ATELIER_TRY(kubeconfig.clusters, entries(root, "clusters"));
  ATELIER_TRY(kubeconfig.users, entries(root, "users"));
  return kubeconfig;
}

std::string names_of(const std::vector<std::string>& files) {
  std::string all;
  for (const std::string& file : files) all += (all.empty() ? "" : ":") + file;
  return all;
}

Result<std::string> proxy_of(const Section& cluster) {
  ATELIER_TRY(std::string url, cluster.text("proxy-url"));
  const bool known = url.starts_with("http://") || url.starts_with("https://") || url.starts_with("socks5://");
  if (!url.empty() && !known) {
    return cluster.refused("proxy-url", "must start with http://, https:// or socks5://");
  }
  return url;
}

// What the cluster says to exec plugins.
Result<std::string> plugin_config(const Section& cluster) {
  ATELIER_TRY(const std::vector<Section> extensions, cluster.sections("extensions"));
  for (const Section& entry : extensions) {
    ATELIER_TRY(const std::string name, entry.text("name"));
    if (name == "client.authentication.k8s.io/exec") return entry.json("extension");
  }
  return std::string{};
}

Result<void> read_cluster(const Section& cluster, Choice& choice) {
  ExecCluster& to = choice.cluster;
  ATELIER_TRY(to.server, cluster.text("server"));
  while (to.server.ends_with('/')) to.server.pop_back();
  if (to.server.empty()) return cluster.refused("server", "is missing");
  if (!to.server.starts_with("https://") && !to.server.starts_with("http://")) {
    return cluster.refused("server", "must start with https:// or http://");
  }
  ATELIER_TRY(choice.authority, material(cluster, "certificate-authority"));
  ATELIER_TRY(to.insecure, cluster.flag("insecure-skip-tls-verify"));
  if (to.insecure && !choice.authority.empty()) {
    return cluster.refused("insecure-skip-tls-verify", "contradicts certificate-authority: remove one of them");
  }
  ATELIER_TRY(to.tls_server_name, cluster.text("tls-server-name"));
  ATELIER_TRY(to.proxy_url, proxy_of(cluster));
  ATELIER_TRY(to.disable_compression, cluster.flag("disable-compression"));
  ATELIER_TRY(to.config_json, plugin_config(cluster));
  return boost::outcome_v2::success();
}

Result<Section> stanza(const std::map<std::string, Section>& from, const Section& context, const std::string& field,
                       const std::string& name, const std::vector<std::string>& files) {
  const auto at = from.find(name);
  if (at == from.end()) {
    return context.refused(field, "names \"" + name + "\", which " + names_of(files) + " has not");
  }
  return at->second.section(field);
}

}  // namespace

Result<Kubeconfig> parse_kubeconfig(std::string_view text, const std::string& file) {
  const bool readable = simdjson::validate_utf8(text.data(), text.size());  // messages quote it
  if (!readable || text.find('\0') != std::string_view::npos) {
    return invalid("kubeconfig " + file + ": is no text file");
  }
  try {
    return read_document(YAML::Load(std::string(text)), file);
  } catch (const YAML::Exception& error) {
    const std::string line = error.mark.is_null() ? "" : "line " + std::to_string(error.mark.line + 1) + ": ";
    // It may quote one byte of a character, as of "\ä".
    return invalid("kubeconfig " + file + ": " + line + without_cut_character(error.msg));
  }
}

void merge(Kubeconfig& first, Kubeconfig next) {
  first.files.insert(first.files.end(), next.files.begin(), next.files.end());
  if (first.current_context.empty()) first.current_context = std::move(next.current_context);
  first.contexts.merge(next.contexts);
  first.clusters.merge(next.clusters);
  first.users.merge(next.users);
}

Result<Material> material(const Section& section, const std::string& field) {
  Material material;
  material.where = section.where(field);
  ATELIER_TRY(const std::string data, section.text(field + "-data"));
  ATELIER_TRY(const std::string path, section.text(field));
  if (!data.empty() && !path.empty())
    return section.refused(field, "contradicts " + field + "-data: remove one of them");
  if (!path.empty()) material.path = section.resolved(path);
  if (data.empty()) return material;
  material.where += "-data";
  auto decoded = base64_decode(data);
  if (!decoded) return section.refused(field + "-data", "is not base64");
  material.data = std::move(*decoded);
  return material;
}

Result<Choice> choose(const Kubeconfig& kubeconfig, std::string_view wanted) {
  const std::string files = "kubeconfig " + names_of(kubeconfig.files);
  const std::string name{wanted.empty() ? std::string_view{kubeconfig.current_context} : wanted};
  if (name.empty()) return invalid(files + ": current-context: is missing; set it or pass a context");
  const auto at = kubeconfig.contexts.find(name);
  if (at == kubeconfig.contexts.end()) {
    std::string known;
    for (const auto& [other, entry] : kubeconfig.contexts) known += (known.empty() ? "; there are " : ", ") + other;
    return invalid(files + ": contexts: has no entry named \"" + name + "\"" + known);
  }
  Choice choice;
  ATELIER_TRY(const Section context, at->second.section("context"));
  ATELIER_TRY(const std::string cluster_name, context.text("cluster"));
  ATELIER_TRY(const std::string user_name, context.text("user"));
  ATELIER_TRY(choice.ns, context.text("namespace"));
  if (cluster_name.empty()) return context.refused("cluster", "is missing");
  ATELIER_TRY(const Section cluster, stanza(kubeconfig.clusters, context, "cluster", cluster_name, kubeconfig.files));
  ATELIER_TRY(read_cluster(cluster, choice));
  if (user_name.empty()) return choice;  // anonymous
  ATELIER_TRY(const Section user, stanza(kubeconfig.users, context, "user", user_name, kubeconfig.files));
  ATELIER_TRY(read_user(user, choice));
  return choice;
}

}  // namespace atelier::kube
