#include "render/variables.h"

namespace atelier::render {

std::string expand(std::string_view text, const Variables& variables) {
  std::string out;
  while (!text.empty()) {
    if (text.starts_with("$${")) {
      out += "${";
      text.remove_prefix(3);
      continue;
    }
    const std::size_t end = text.starts_with("${") ? text.find('}') : std::string_view::npos;
    const std::string_view name = end == std::string_view::npos ? std::string_view{} : text.substr(2, end - 2);
    const std::string* value = name == "datadomain"  ? &variables.datadomain
                               : name == "workspace" ? &variables.workspace
                               : name == "namespace" ? &variables.ns
                                                     : nullptr;
    if (value != nullptr) {
      out += *value;
      text.remove_prefix(end + 1);
    } else {
      out += text.front();
      text.remove_prefix(1);
    }
  }
  return out;
}

std::vector<std::string> expand(const std::vector<std::string>& texts, const Variables& variables) {
  std::vector<std::string> out;
  out.reserve(texts.size());
  for (const std::string& text : texts) out.push_back(expand(text, variables));
  return out;
}

std::vector<api::EnvVar> expand(std::vector<api::EnvVar> env, const Variables& variables) {
  for (api::EnvVar& variable : env) variable.value = expand(variable.value, variables);
  return env;
}

}  // namespace atelier::render
