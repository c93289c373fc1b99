#include "atelier/api/version.h"

#include <algorithm>

namespace atelier::api {
namespace {

constexpr std::size_t kMostDigits = 15;  // node-semver has them in a double

bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::optional<std::uint64_t> number(std::string_view text) {
  if (!all_digits(text) || text.size() > kMostDigits || (text.size() > 1 && text.front() == '0')) return std::nullopt;
  std::uint64_t out = 0;
  for (const char c : text) out = out * 10 + static_cast<std::uint64_t>(c - '0');
  return out;
}

bool is_identifier(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
  });
}

std::vector<std::string_view> split(std::string_view text, std::string_view by) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t at = text.find(by);
    parts.push_back(text.substr(0, at));
    if (at == text.npos) return parts;
    text.remove_prefix(at + by.size());
  }
}

std::strong_ordering compare_identifiers(const std::string& one, const std::string& other) {
  if (all_digits(one) != all_digits(other)) {
    return all_digits(one) ? std::strong_ordering::less : std::strong_ordering::greater;
  }
  if (all_digits(one) && one.size() != other.size()) return one.size() <=> other.size();
  return one <=> other;
}

// A version of which the last parts may be left open.
struct Partial {
  std::array<std::uint64_t, 3> numbers{};
  std::size_t known = 0;  // of the numbers, from the first
  std::vector<std::string> prerelease;
};

// Takes build metadata and pre-release off the end. False where they are no such thing.
bool take_qualifiers(std::string_view& text, std::vector<std::string>& prerelease) {
  if (const std::size_t plus = text.find('+'); plus != text.npos) {
    const auto build = split(text.substr(plus + 1), ".");
    if (!std::all_of(build.begin(), build.end(), is_identifier)) return false;
    text = text.substr(0, plus);
  }
  if (const std::size_t dash = text.find('-'); dash != text.npos) {
    for (const std::string_view part : split(text.substr(dash + 1), ".")) {
      if (!is_identifier(part) || (all_digits(part) && part.size() > 1 && part.front() == '0')) return false;
      prerelease.emplace_back(part);
    }
    text = text.substr(0, dash);
  }
  return true;
}

std::optional<Partial> parse_partial(std::string_view text) {
  Partial out;
  if (text.starts_with('v')) text.remove_prefix(1);
  const bool qualified = text.find_first_of("+-") != text.npos;
  if (!take_qualifiers(text, out.prerelease)) return std::nullopt;
  const auto parts = split(text, ".");
  if (parts.size() > 3) return std::nullopt;
  bool open = false;
  for (const std::string_view part : parts) {
    if (part == "x" || part == "X" || part == "*") {
      open = true;
      continue;
    }
    const auto value = number(part);
    if (!value) return std::nullopt;
    if (!open) out.numbers[out.known++] = *value;
  }
  if (qualified && out.known != 3) return std::nullopt;
  return out;
}

using Order = VersionRange::Order;
using Bounds = VersionRange::Bounds;

const std::vector<std::string> kLowest{"0"};  // of pre-releases: what is below that is below all of them

Version lowest_of(const Partial& from) { return {from.numbers, from.prerelease}; }

// The first version that differs in `part`, or before.
Version after(const Partial& from, std::size_t part) {
  Version out;
  for (std::size_t i = 0; i < part; ++i) out.numbers[i] = from.numbers[i];
  out.numbers[part] = from.numbers[part] + 1;
  return out;
}

Version below(Version version) {
  version.prerelease = kLowest;
  return version;
}

void add_span(Bounds& bounds, const Partial& from, std::size_t part) {
  bounds.push_back({Order::at_least, lowest_of(from)});
  bounds.push_back({Order::less, below(after(from, part))});
}

void add_caret(Bounds& bounds, const Partial& from) {
  if (from.known == 0) return;
  std::size_t part = 0;
  while (part + 1 < from.known && from.numbers[part] == 0) ++part;
  add_span(bounds, from, part);
}

void add_tilde(Bounds& bounds, const Partial& from) {
  if (from.known > 0) add_span(bounds, from, from.known == 1 ? 0 : 1);
}

void add_equal(Bounds& bounds, const Partial& from) {
  if (from.known == 0) return;
  if (from.known < 3) return add_span(bounds, from, from.known - 1);
  bounds.push_back({Order::at_least, lowest_of(from)});
  bounds.push_back({Order::at_most, lowest_of(from)});
}

void add_at_most(Bounds& bounds, const Partial& to) {
  if (to.known == 0) return;
  if (to.known < 3) return bounds.push_back({Order::less, below(after(to, to.known - 1))});
  bounds.push_back({Order::at_most, lowest_of(to)});
}

void add_compared(Bounds& bounds, const std::string_view sign, const Partial& with) {
  const bool strict = sign == "<" || sign == ">";
  if (with.known == 0 && strict) return bounds.push_back({Order::less, below({})});  // nothing is beyond any version
  if (sign == "<=") return add_at_most(bounds, with);
  if (with.known == 0) return;
  if (sign == ">=") {
    bounds.push_back({Order::at_least, lowest_of(with)});
  } else if (sign == "<") {
    bounds.push_back({Order::less, with.known < 3 ? below(lowest_of(with)) : lowest_of(with)});
  } else if (with.known < 3) {
    bounds.push_back({Order::at_least, after(with, with.known - 1)});
  } else {
    bounds.push_back({Order::greater, lowest_of(with)});
  }
}

std::string_view sign_of(std::string_view word) {
  for (const std::string_view sign : {"<=", ">=", "~>", "<", ">", "=", "~", "^"}) {
    if (word.starts_with(sign)) return sign;
  }
  return {};
}

Error unreadable(std::string_view word) {
  return invalid("\"" + std::string(word) +
                 "\" is no version; write ranges as in ^1.2, ~1.2.3, >=1.2 <2, 1.x or 1.2 - 1.4, with || between "
                 "alternatives");
}

Result<Bounds> parse_bounds(std::string_view text) {
  std::vector<std::string_view> words = split(text, " ");
  std::erase(words, "");
  if (words.empty()) return invalid("an alternative is empty; * takes any release");
  Bounds bounds;
  if (words.size() == 3 && words[1] == "-") {
    const auto from = parse_partial(words[0]);
    const auto to = parse_partial(words[2]);
    if (!from || !to) return unreadable(from ? words[2] : words[0]);
    add_compared(bounds, ">=", *from);
    add_at_most(bounds, *to);
    return bounds;
  }
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string_view sign = sign_of(words[i]);
    std::string_view rest = words[i].substr(sign.size());
    if (rest.empty() && i + 1 < words.size()) rest = words[++i];
    const auto partial = parse_partial(rest);
    if (!partial) return unreadable(rest.empty() ? sign : rest);
    if (sign.empty() || sign == "=") {
      add_equal(bounds, *partial);
    } else if (sign == "^") {
      add_caret(bounds, *partial);
    } else if (sign.starts_with('~')) {
      add_tilde(bounds, *partial);
    } else {
      add_compared(bounds, sign, *partial);
    }
  }
  return bounds;
}

bool holds(const VersionRange::Bound& bound, const Version& version) {
  const auto order = version <=> bound.version;
  switch (bound.order) {
    case Order::less:
      return order < 0;
    case Order::at_most:
      return order <= 0;
    case Order::at_least:
      return order >= 0;
    case Order::greater:
      break;
  }
  return order > 0;
}

bool within(const Bounds& bounds, const Version& version) {
  if (!std::all_of(bounds.begin(), bounds.end(), [&](const auto& bound) { return holds(bound, version); }))
    return false;
  return version.prerelease.empty() || std::any_of(bounds.begin(), bounds.end(), [&](const auto& bound) {
           return !bound.version.prerelease.empty() && bound.version.numbers == version.numbers;
         });
}

}  // namespace

std::strong_ordering operator<=>(const Version& one, const Version& other) {
  if (const auto order = one.numbers <=> other.numbers; order != 0) return order;
  if (one.prerelease.empty() != other.prerelease.empty()) {
    return one.prerelease.empty() ? std::strong_ordering::greater : std::strong_ordering::less;
  }
  return std::lexicographical_compare_three_way(one.prerelease.begin(), one.prerelease.end(), other.prerelease.begin(),
                                                other.prerelease.end(), compare_identifiers);
}

std::optional<Version> parse_version(std::string_view text) {
  auto partial = parse_partial(text);
  if (!partial || partial->known != 3) return std::nullopt;
  return Version{partial->numbers, std::move(partial->prerelease)};
}

Result<VersionRange> VersionRange::parse(std::string_view text) {
  VersionRange out;
  for (const std::string_view alternative : split(text, "||")) {
    ATELIER_TRY(auto bounds, parse_bounds(alternative));
    out.alternatives_.push_back(std::move(bounds));
  }
  return out;
}

bool VersionRange::contains(const Version& version) const {
  return std::any_of(alternatives_.begin(), alternatives_.end(),
                     [&](const Bounds& bounds) { return within(bounds, version); });
}

}  // namespace atelier::api
