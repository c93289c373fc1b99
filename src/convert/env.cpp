#include "convert/env.h"

#include <algorithm>

#include "convert/names.h"
#include "convert/secret.h"

namespace atelier::convert {
namespace {

std::optional<api::KeySelector> read_selector(const Value& value) {
  if (!value.given()) return std::nullopt;
  Map map(value);
  const Value name = map.take("name");
  const Value key = map.take("key");
  const Value optional = map.take("optional");
  map.close();
  for (const Value* field : {&name, &key}) {
    if (field->empty()) field->error("is missing");
  }
  return api::KeySelector{name.text(), key.text(), optional.boolean()};
}

std::optional<api::EnvSource> read_source(const Value& value) {
  if (!value.given()) return std::nullopt;
  Map map(value);
  api::EnvSource source{read_selector(map.take("secretKeyRef")), read_selector(map.take("configMapKeyRef"))};
  map.close();
  if (source.secret_key_ref.has_value() == source.config_map_key_ref.has_value()) {
    value.error("should be exactly one of secretKeyRef and configMapKeyRef");
  }
  return source;
}

std::string hint(const std::string& name, const EnvRules& rules) {
  if (!rules.references) return rules.secrets;
  return "keep it in a Secret of the workspace's namespace, and write valueFrom: {secretKeyRef: {name: THE-SECRET, "
         "key: " +
         name + "}}";
}

api::EnvVar read_variable(const Value& entry, const EnvRules& rules) {
  Map map(entry);
  const Value name = map.take("name");
  const Value value = map.take("value");
  const Value source = map.take("valueFrom");
  const bool all_known = map.close();
  api::EnvVar variable;
  if (!map.readable()) return variable;
  variable.name = name.text();
  if (name.empty()) name.error("is missing");
  if (!value.empty() && source.given()) entry.error("has both value and valueFrom; give one of them");
  if (source.given() && !rules.references) {
    source.error(rules.plain_values);
  }
  variable.value_from = read_source(source);
  if (names_secret(variable.name) && value.given() && !value.empty() &&
      !(value.is_text() && is_reference(value.text()))) {
    value.error(variable.name + " is a secret in plain text; " + hint(variable.name, rules));
    return variable;
  }
  if (!value.given() && !source.given() && !name.empty() && all_known) {
    value.warn(variable.name + " has no value, and is empty");
  }
  variable.value = value.text_or_number();
  check_variables(value, variable.value);
  return variable;
}

}  // namespace

std::vector<api::EnvVar> read_env(const Value& env, const std::string& field, const EnvRules& rules) {
  const Value list = env.is_text() ? env.inside() : env;
  std::vector<api::EnvVar> out;
  env.input().origin(field, env.path());
  for (const Value& entry : list.items()) {
    env.input().origin(field + "[" + std::to_string(out.size()) + "].name", entry.path() + ".name");
    env.input().origin(field + "[" + std::to_string(out.size()) + "]", entry.path());
    out.push_back(read_variable(entry, rules));
  }
  return out;
}

void check_variables(const Value& where, const std::string& text) {
  static const std::vector<std::string> kVariables{"datadomain", "workspace", "namespace"};
  for (std::size_t at = 0; (at = text.find("${", at)) != std::string::npos; at += 2) {
    if (at > 0 && text[at - 1] == '$') {
      where.warn("\"$${\" stands for \"${\" as it is: nothing is replaced behind it");
      continue;
    }
    const std::size_t end = text.find('}', at);
    const std::string name = end == std::string::npos ? "" : text.substr(at + 2, end - at - 2);
    if (name.empty() || std::find(kVariables.begin(), kVariables.end(), name) != kVariables.end()) continue;
    const std::string meant = nearest(name, kVariables);
    if (!meant.empty()) where.warn("${" + name + "} is not replaced; do you mean ${" + meant + "}?");
  }
}

}  // namespace atelier::convert
