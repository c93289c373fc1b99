#include "atelier/api/deployed_image.h"

#include <algorithm>
#include <tuple>

#include "atelier/api/tag_pattern.h"
#include "atelier/api/version.h"

namespace atelier::api {
namespace {

bool is_before(const std::string& one, const std::string& other) {
  return std::tuple(other.size(), std::string_view(one)) < std::tuple(one.size(), std::string_view(other));
}

std::optional<std::string> newest(const VersionRange& range, const std::vector<std::string>& tags) {
  std::optional<std::pair<Version, std::string>> best;
  for (const std::string& tag : tags) {
    auto version = parse_version(tag);
    if (!version || !range.contains(*version)) continue;
    const auto order = best ? *version <=> best->first : std::strong_ordering::greater;
    if (order > 0 || (order == 0 && is_before(best->second, tag))) best.emplace(std::move(*version), tag);
  }
  return best ? std::optional(std::move(best->second)) : std::nullopt;
}

std::string_view without_zeros(std::string_view digits) {
  return digits.substr(std::min(digits.find_first_not_of('0'), digits.size()));
}

std::optional<std::string> greatest(const TagPattern& pattern, const std::vector<std::string>& tags) {
  std::vector<std::pair<std::string_view, const std::string*>> found;
  for (const std::string& tag : tags) {
    if (const auto group = pattern.capture(tag)) found.emplace_back(*group, &tag);
  }
  if (found.empty()) return std::nullopt;
  const bool numbers = std::all_of(found.begin(), found.end(), [](const auto& one) {
    return std::all_of(one.first.begin(), one.first.end(), [](char c) { return c >= '0' && c <= '9'; });
  });
  if (numbers) {
    for (auto& [group, tag] : found) group = without_zeros(group);
  }
  return *std::max_element(found.begin(), found.end(), [numbers](const auto& one, const auto& other) {
            if (numbers && one.first.size() != other.first.size()) return one.first.size() < other.first.size();
            return one.first != other.first ? one.first < other.first : is_before(*one.second, *other.second);
          })->second;
}

}  // namespace

std::string rule_of(const ImageFollow& follow) {
  if (!follow.semver.empty()) return "semver \"" + follow.semver + "\"";
  if (!follow.pattern.empty()) return "pattern \"" + follow.pattern + "\"";
  return "tag \"" + follow.tag + "\"";
}

std::optional<std::string> choose_tag(const ImageFollow& follow, const std::vector<std::string>& tags) {
  if (!follow.semver.empty()) {
    const auto range = VersionRange::parse(follow.semver);
    return range ? newest(range.value(), tags) : std::nullopt;
  }
  const auto pattern = TagPattern::parse(follow.pattern);
  return pattern ? greatest(pattern.value(), tags) : std::nullopt;
}

const ChosenImage* chosen_image(const Workspace& workspace) {
  const WorkspaceImage& asked = workspace.spec.image;
  const auto& chosen = workspace.status.image;
  if (!asked.follow || !chosen || chosen->repository != asked.repository) return nullptr;
  return asked.follow->suspend || chosen->rule == rule_of(*asked.follow) ? &*chosen : nullptr;
}

std::optional<DeployedImage> deployed_image(const Workspace& workspace) {
  if (!workspace.spec.image.follow) {
    const std::string reference = workspace.spec.image.reference();
    return DeployedImage{reference, reference, ""};
  }
  const ChosenImage* chosen = chosen_image(workspace);
  if (chosen == nullptr) return std::nullopt;
  const std::string pinned = chosen->repository + "@" + chosen->digest;
  return DeployedImage{chosen->repository + ":" + chosen->tag, pinned, pinned};
}

bool is_image_digest(std::string_view text) {
  constexpr std::string_view kPrefix = "sha256:";
  if (text.size() != kPrefix.size() + 64 || text.substr(0, kPrefix.size()) != kPrefix) return false;
  text.remove_prefix(kPrefix.size());
  return std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

// https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests
bool is_image_tag(std::string_view text) {
  const auto word = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  return !text.empty() && text.size() <= 128 && word(text.front()) &&
         std::all_of(text.begin(), text.end(), [&](char c) { return word(c) || c == '.' || c == '-'; });
}

}  // namespace atelier::api
