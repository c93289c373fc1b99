#include <algorithm>

#include "api/image_check.h"
#include "atelier/api/deployed_image.h"
#include "atelier/api/tag_pattern.h"
#include "atelier/api/version.h"

namespace atelier::api {
namespace {

constexpr const char* kInvalid = "InvalidValue";

void tag(Findings& found, const std::string& tag, const std::string& path) {
  if (tag.empty() || is_image_tag(tag)) return;
  found.add(kInvalid, path,
            "\"" + tag +
                "\" is no tag; use at most 128 letters, digits, \"_\", \"-\" and \".\", and start "
                "with a letter, a digit or \"_\"");
}

void follow(Findings& found, const ImageFollow& follow, const std::string& path) {
  const auto given = {!follow.tag.empty(), !follow.semver.empty(), !follow.pattern.empty()};
  if (std::count(given.begin(), given.end(), true) != 1) {
    found.add(kInvalid, path, "should have exactly one of tag, semver and pattern");
  }
  tag(found, follow.tag, path + ".tag");
  found.length(follow.semver, 256, path + ".semver");
  if (!follow.semver.empty()) {
    const auto range = VersionRange::parse(follow.semver);
    if (!range) found.add(kInvalid, path + ".semver", range.error().message);
  }
  found.length(follow.pattern, 128, path + ".pattern");
  if (!follow.pattern.empty()) {
    const auto pattern = TagPattern::parse(follow.pattern);
    if (!pattern) found.add(kInvalid, path + ".pattern", "\"" + follow.pattern + "\" " + pattern.error().message);
  }
  if (follow.interval < std::chrono::seconds{5} || follow.interval > std::chrono::hours{24}) {
    found.add(kInvalid, path + ".interval", "should be at least 5s and at most 24h");
  }
  if (follow.credentials) {
    found.reference(follow.credentials->name, path + ".credentials.name", "a Secret with the registry's password");
  }
}

// Without tag and digest; no more than what keeps it one word that cannot be mistaken.
bool is_repository(std::string_view text) {
  const auto word = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const auto fits = [&](char c) { return word(c) || c == '.' || c == '_' || c == '-' || c == '/' || c == ':'; };
  return !text.empty() && word(text.front()) && word(text.back()) && std::all_of(text.begin(), text.end(), fits);
}

bool is_image_name(std::string_view text) {
  const std::size_t at = text.find('@');
  const bool pinned = at != std::string_view::npos;
  if (pinned && !is_image_digest(text.substr(at + 1))) return false;
  text = text.substr(0, at);
  const std::size_t slash = text.rfind('/');
  const std::size_t colon = text.find(':', slash == std::string_view::npos ? 0 : slash);
  if (colon == std::string_view::npos) return pinned && is_repository(text);
  return is_image_tag(text.substr(colon + 1)) && is_repository(text.substr(0, colon));
}

}  // namespace

void check_image_name(Findings& found, const std::string& image, const std::string& path) {
  found.length(image, 512, path);
  if (is_image_name(image)) return;
  found.add(kInvalid, path,
            "\"" + image +
                "\" names no image with its tag or digest; write registry/name:tag or registry/name@sha256: and 64 "
                "hexadecimal digits");
}

void check_image(Findings& found, const WorkspaceImage& image) {
  const std::string path = "spec.image";
  if (image.repository.empty()) {
    found.add(kInvalid, path + ".repository", "is empty; name the image, such as registry.local/ws-boilerplate");
  }
  const std::size_t name = image.repository.rfind('/') == std::string::npos ? 0 : image.repository.rfind('/');
  if (image.repository.find('@') != std::string::npos || image.repository.find(':', name) != std::string::npos) {
    found.add(kInvalid, path + ".repository",
              "\"" + image.repository + "\" holds a tag or digest; put it into spec.image.tag or spec.image.digest");
  }
  tag(found, image.tag, path + ".tag");
  found.pull_secrets(image.pull_secrets, path + ".pullSecrets");
  const auto given = {!image.tag.empty(), !image.digest.empty(), image.follow.has_value()};
  if (std::count(given.begin(), given.end(), true) != 1) {
    found.add(kInvalid, path, "should have exactly one of tag, digest and follow");
  }
  if (!image.digest.empty() && !is_image_digest(image.digest)) {
    found.add(kInvalid, path + ".digest",
              "\"" + image.digest + "\" is no digest; it should be sha256: and 64 hexadecimal digits");
  }
  if (image.follow) follow(found, *image.follow, path + ".follow");
}

}  // namespace atelier::api
