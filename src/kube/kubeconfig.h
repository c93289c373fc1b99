// Kubeconfig files as data: parsed, merged, and what is chosen of them. Nothing here reads a file.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "atelier/base/result.h"
#include "atelier/http/port.h"
#include "kube/exec_plugin.h"
#include "kube/kubeconfig_section.h"

namespace atelier::kube {

// One file, or several merged: named entries keep the place they came from.
struct Kubeconfig {
  std::vector<std::string> files;  // in the order of their precedence
  std::string current_context;
  std::map<std::string, Section> contexts;
  std::map<std::string, Section> clusters;
  std::map<std::string, Section> users;
};

// `file` is where the text came from. An empty text is an empty kubeconfig. Fields it does not know are skipped.
// Error: invalid, naming file and field or line.
Result<Kubeconfig> parse_kubeconfig(std::string_view text, const std::string& file);

// As client-go merges: the first file to name a context, cluster, user or current context has all of it.
void merge(Kubeconfig& first, Kubeconfig next);

// PEM text in the kubeconfig itself, or the path of a file with it.
struct Material {
  std::string where;  // for messages: file and field
  std::string data;
  std::string path;

  bool empty() const { return data.empty() && path.empty(); }
};

// `field`-data in base64, or the path in `field`.
Result<Material> material(const Section& section, const std::string& field);

// What one context says.
struct Choice {
  std::string ns;
  ExecCluster cluster;  // without the authority
  Material authority;
  Material client_cert;
  Material client_key;
  std::string token;
  Material token_file;
  std::optional<ExecPlugin> plugin;
  http::Headers impersonation;
};

// An empty `context` is the current one. Error: invalid, naming file and field; also for what is not supported, rather
// than being somebody else.
Result<Choice> choose(const Kubeconfig& kubeconfig, std::string_view context);

// The user's part of it.
Result<void> read_user(const Section& user, Choice& choice);

}  // namespace atelier::kube
