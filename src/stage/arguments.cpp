#include "stage/arguments.h"

#include <algorithm>
#include <charconv>

#include "stage/storage.h"
#include "stage/utf8.h"

namespace atelier::stage {
namespace {

Failure usage(const std::string& complaint) { return {Reason::usage_error, complaint + ". See atelier-stage --help."}; }

}  // namespace

Result<Arguments> Arguments::parse(std::span<const std::string> words, std::span<const std::string_view> known,
                                   std::size_t positionals) {
  Arguments arguments;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (!words[i].starts_with("--")) {
      if (arguments.positionals_.size() == positionals) return usage("unexpected argument " + printable(words[i]));
      arguments.positionals_.push_back(words[i]);
      continue;
    }
    const std::string flag = words[i].substr(2);
    if (std::find(known.begin(), known.end(), flag) == known.end()) return usage("unknown flag " + printable(words[i]));
    if (++i == words.size()) return usage("--" + flag + " needs a value");
    arguments.flags_.emplace_back(flag, words[i]);
  }
  return arguments;
}

std::vector<std::string> Arguments::all(std::string_view flag) const {
  std::vector<std::string> values;
  for (const auto& [name, value] : flags_) {
    if (name == flag) values.push_back(value);
  }
  return values;
}

std::string Arguments::required(std::string_view flag) {
  auto values = all(flag);
  if (values.size() > 1) complain("--" + std::string(flag) + " is given more than once");
  if (values.empty() || values[0].empty()) complain("--" + std::string(flag) + " is required");
  return values.empty() ? "" : values[0];
}

std::string Arguments::optional(std::string_view flag) { return all(flag).empty() ? "" : required(flag); }

std::string Arguments::dns_label(std::string_view flag) {
  std::string value = required(flag);
  if (!value.empty() && !is_dns_label(value)) {
    complain("--" + std::string(flag) + " " + printable(value) +
             " is not a DNS label (lower-case letters, digits and dashes, at most 63)");
  }
  return value;
}

std::uint64_t Arguments::number(std::string_view flag, std::optional<std::uint64_t> fallback) {
  if (fallback && all(flag).empty()) return *fallback;
  const std::string text = required(flag);
  std::uint64_t value = 0;
  if (!text.empty() && !parse_number(text, value)) {
    complain("--" + std::string(flag) + " " + printable(text) + " is not a number");
  }
  return value;
}

std::string Arguments::positional(std::string_view meaning) {
  if (!positionals_.empty() && !positionals_[0].empty()) return positionals_[0];
  complain(std::string(meaning) + " is required");
  return "";
}

void Arguments::complain(const std::string& complaint) { complaints_ += (complaints_.empty() ? "" : "; ") + complaint; }

std::optional<Failure> Arguments::error() const {
  if (complaints_.empty()) return std::nullopt;
  return usage(complaints_);
}

bool parse_number(std::string_view text, std::uint64_t& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace atelier::stage
