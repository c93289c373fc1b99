// What a Workspace follows, and the tags of a registry that means harm: whatever is chosen is one of the tags and fits,
// in whatever order they came.
#include <algorithm>
#include <vector>

#include "atelier/api/deployed_image.h"
#include "atelier/api/tag_pattern.h"
#include "atelier/api/version.h"
#include "fuzz/property.h"

namespace {

using namespace atelier;
using fuzz::holds;

std::vector<std::string> lines(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    out.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

void check_choice(const api::ImageFollow& follow, std::vector<std::string> tags) {
  const auto chosen = api::choose_tag(follow, tags);
  std::reverse(tags.begin(), tags.end());
  holds(api::choose_tag(follow, tags) == chosen, "the order of the tags does not matter");
  if (chosen) holds(std::find(tags.begin(), tags.end(), *chosen) != tags.end(), "what is chosen is one of the tags");
}

void check_range(const std::string& rule, const std::vector<std::string>& tags) {
  const auto range = api::VersionRange::parse(rule);
  if (!range) {
    holds(!range.error().message.empty(), "a refusal has its reason");
    holds(!fuzz::is_utf8(rule) || fuzz::is_utf8(range.error().message), "a refusal can be told");
    return;
  }
  for (const std::string& tag : tags) {
    const auto version = api::parse_version(tag);
    if (!version) continue;
    holds(*version == *version && !(*version < *version), "a version equals itself");
    const auto either = api::VersionRange::parse(rule + " || 0.0.0");
    holds(either && (!range.value().contains(*version) || either.value().contains(*version)),
          "another alternative takes nothing away");
  }
  api::ImageFollow follow;
  follow.semver = rule;
  check_choice(follow, tags);
}

void check_pattern(const std::string& rule, const std::vector<std::string>& tags) {
  const auto pattern = api::TagPattern::parse(rule);
  if (!pattern) return holds(!pattern.error().message.empty(), "a refusal has its reason");
  for (const std::string& tag : tags) {
    const auto group = pattern.value().capture(tag);
    if (group) holds(!group->empty() && tag.find(*group) != tag.npos, "a group is a part of its tag");
  }
  api::ImageFollow follow;
  follow.pattern = rule;
  check_choice(follow, tags);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<std::string> tags = lines(fuzz::text_of(data, size));
  if (tags.empty() || size > 4'096) return -1;
  const std::string rule = tags.front();
  tags.erase(tags.begin());
  if (rule.empty()) return -1;
  check_range(rule, tags);
  check_pattern(rule, tags);
  return 0;
}
