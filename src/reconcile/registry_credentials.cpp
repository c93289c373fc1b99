#include "reconcile/registry_credentials.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

#include "atelier/base/base64.h"
#include "registry/header_reader.h"
#include "registry/reference.h"

namespace atelier::reconcile {
namespace {

using nlohmann::json;

constexpr const char* kType = "kubernetes.io/dockerconfigjson";

std::string text(const json& object, const char* field) {
  const auto at = object.find(field);
  return at != object.end() && at->is_string() ? at->get<std::string>() : std::string();
}

// The registry, and the path there, that an entry is for: "https://index.docker.io/v1/" is "docker.io".
std::string place_of_entry(std::string_view entry) {
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (entry.starts_with(scheme)) entry.remove_prefix(scheme.size());
  }
  while (entry.ends_with('/')) entry.remove_suffix(1);
  for (const std::string_view version : {"/v1", "/v2"}) {
    if (entry.ends_with(version)) entry.remove_suffix(version.size());
  }
  const std::string_view host = entry.substr(0, entry.find('/'));
  const std::string name = registry::lower_case(host);
  return (name == "index.docker.io" ? "docker.io" : name) + std::string(entry.substr(host.size()));
}

bool is_of(std::string_view place, std::string_view entry) {
  return place.starts_with(entry) && (place.size() == entry.size() || place[entry.size()] == '/');
}

std::optional<registry::Credentials> credentials_in(const json& entry) {
  if (!entry.is_object()) return std::nullopt;
  registry::Credentials out{text(entry, "username"), text(entry, "password")};
  if (out.username.empty() || out.password.empty()) {
    const auto pair = base64_decode(text(entry, "auth"));
    const std::size_t colon = pair ? pair->find(':') : std::string::npos;
    if (colon == std::string::npos) return std::nullopt;
    out = {pair->substr(0, colon), pair->substr(colon + 1)};
  }
  return out.username.empty() || out.password.empty() ? std::nullopt : std::optional(std::move(out));
}

}  // namespace

std::variant<registry::Credentials, Refusal> credentials_of(const json& secret, const std::string& repository) {
  const json metadata = secret.value("metadata", json::object());
  const auto refuse = [&](const std::string& what) {
    return Refusal{"CredentialsInvalid",
                   "spec.image.follow.credentials: Secret \"" + text(metadata, "name") + "\" " + what};
  };
  if (text(secret, "type") != kType) {
    return refuse("should be of type " + std::string(kType) +
                  "; kubectl create secret docker-registry makes such a one");
  }
  const json data = secret.value("data", json::object());
  const auto decoded = base64_decode(text(data, ".dockerconfigjson"));
  const json config = decoded ? json::parse(*decoded, nullptr, false) : json();
  if (!config.is_object() || !config.contains("auths") || !config["auths"].is_object()) {
    return refuse("holds no JSON with \"auths\" in its key .dockerconfigjson");
  }
  const auto reference = registry::parse_reference(repository);
  if (!reference) return Refusal{"CredentialsInvalid", "spec.image.repository: " + reference.error().message};
  const std::string place = reference.value().text();
  const json* best = nullptr;
  std::size_t longest = 0;
  for (const auto& [name, entry] : config["auths"].items()) {
    const std::string of = place_of_entry(name);
    if (of.size() <= longest || !is_of(place, of)) continue;
    best = &entry;
    longest = of.size();
  }
  if (best == nullptr) return refuse("has no entry for the registry of " + place);
  auto found = credentials_in(*best);
  if (!found) return refuse("has neither auth nor username and password for the registry of " + place);
  return std::move(*found);
}

}  // namespace atelier::reconcile
