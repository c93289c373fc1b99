#include "registry/reference.h"

#include <algorithm>

#include "registry/header_reader.h"

namespace atelier::registry {
namespace {

constexpr std::string_view kDockerHub = "docker.io";
constexpr std::size_t kLongestName = 255;

bool is_alnum(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

// Between letters and digits there is one dot, one or two underscores, or any number of dashes.
bool is_separator(std::string_view text) {
  return text == "." || text == "_" || text == "__" || text.find_first_not_of('-') == std::string_view::npos;
}

bool is_component(std::string_view text) {
  if (text.empty() || !is_alnum(text.front()) || !is_alnum(text.back())) return false;
  while (!text.empty()) {
    const auto word = std::find_if_not(text.begin(), text.end(), is_alnum);
    const auto next = std::find_if(word, text.end(), is_alnum);
    if (word != next && !is_separator({word, next})) return false;
    text = {next, text.end()};
  }
  return true;
}

bool is_name(std::string_view name) {
  if (name.size() > kLongestName) return false;
  while (true) {
    const std::size_t slash = name.find('/');
    if (!is_component(name.substr(0, slash))) return false;
    if (slash == std::string_view::npos) return true;
    name.remove_prefix(slash + 1);
  }
}

// The first part of a repository is a registry if it could be no part of a name.
bool names_registry(std::string_view part) {
  return part == "localhost" || part.find_first_of(".:") != std::string_view::npos ||
         std::any_of(part.begin(), part.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

}  // namespace

Result<Reference> parse_reference(std::string_view repository) {
  Reference reference{std::string(kDockerHub), std::string(repository)};
  const std::size_t slash = repository.find('/');
  if (slash != std::string_view::npos && names_registry(repository.substr(0, slash))) {
    const std::string_view written = repository.substr(0, slash);
    if (!parse_authority(written, true)) return invalid("the image's repository does not begin with a registry's host");
    reference.registry = lower_case(written);
    reference.name = repository.substr(slash + 1);
  }
  if (reference.registry == "index.docker.io") reference.registry = kDockerHub;
  if (reference.registry == kDockerHub && reference.name.find('/') == std::string::npos) {
    reference.name.insert(0, "library/");
  }
  if (!is_name(reference.name)) {
    return invalid(
        "the image's repository is no name that a registry can have; write it without tag and digest, as in "
        "registry.local:5000/team/app");
  }
  return reference;
}

Origin origin_of(const Reference& reference, const Settings& settings) {
  if (reference.registry == kDockerHub) return {true, "registry-1.docker.io", 443};
  const auto plain = parse_authority(reference.registry, false);
  if (plain && settings.insecure.contains(*plain)) return *plain;
  return parse_authority(reference.registry, true).value_or(Origin{});
}

bool is_tag(std::string_view text) {
  const auto fits = [](char c) { return is_alnum(c) || (c >= 'A' && c <= 'Z') || c == '_' || c == '.' || c == '-'; };
  return !text.empty() && text.size() <= 128 && text.front() != '.' && text.front() != '-' &&
         std::all_of(text.begin(), text.end(), fits);
}

bool is_digest(std::string_view text) {
  constexpr std::string_view kAlgorithm = "sha256:";
  if (!text.starts_with(kAlgorithm) || text.size() != kAlgorithm.size() + 64) return false;
  return text.find_first_not_of("0123456789abcdef", kAlgorithm.size()) == std::string_view::npos;
}

}  // namespace atelier::registry
