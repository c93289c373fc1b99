#include "cli/convert.h"

#include <algorithm>
#include <map>

#include "atelier/api/codec.h"
#include "atelier/yaml/write.h"

namespace atelier::cli {

bool Manifests::refused() const {
  return std::any_of(findings.begin(), findings.end(), [](const Finding& one) { return !one.warning; });
}

Manifests convert(const std::vector<Manifest>& files, const convert::Options& options) {
  Manifests out;
  std::map<ObjectKey, std::string> seen;
  for (const Manifest& file : files) {
    const auto refuse = [&](const std::string& message) { out.findings.push_back({file.file, 0, "", message}); };
    const auto documents = yaml::parse(file.text);
    if (!documents) {
      refuse(documents.error().message);
      continue;
    }
    if (documents.value().empty()) refuse("is empty");
    for (const yaml::Document& document : documents.value()) {
      const convert::Converted converted = convert::convert(document, options);
      for (const convert::Finding& one : converted.findings) {
        out.findings.push_back({file.file, one.line, one.path, one.message, one.warning});
      }
      if (!converted.workspace) continue;
      const auto [first, is_new] = seen.emplace(converted.workspace->metadata.key(), file.file);
      if (!is_new) {
        refuse("gives a workspace of the same name as " + first->second + "; convert them one by one, with --name");
      }
      out.yaml += (out.yaml.empty() ? "" : "---\n") + yaml::write(api::serialize(*converted.workspace));
    }
  }
  if (out.refused()) out.yaml.clear();
  return out;
}

Result<api::NamespacedReference> parse_reference(const std::string& text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string::npos) return api::NamespacedReference{text, ""};
  api::NamespacedReference out{text.substr(slash + 1), text.substr(0, slash)};
  if (out.ns.empty() || out.name.empty() || out.name.find('/') != std::string::npos) {
    return invalid("\"" + text + "\" should be NAMESPACE/NAME");
  }
  return out;
}

}  // namespace atelier::cli
