#include "registry/link.h"

#include "registry/header_reader.h"
#include "registry/origin.h"

namespace atelier::registry {
namespace {

constexpr std::size_t kLongestHeader = 8'192;

bool has_word(std::string_view text, std::string_view word) {
  while (!text.empty()) {
    const std::size_t end = text.find(' ');
    if (lower_case(text.substr(0, end)) == word) return true;
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return false;
}

// One <target>; name=value; ... False: it breaks the grammar.
bool read_link(HeaderReader& reader, std::optional<std::string>& next) {
  if (!reader.accept('<')) return false;
  const auto target = reader.until('>');
  if (!target) return false;
  for (reader.skip_space(); reader.accept(';'); reader.skip_space()) {
    reader.skip_space();
    const std::string name = lower_case(reader.token());
    reader.skip_space();
    std::string value;
    if (reader.accept('=')) {
      reader.skip_space();
      value = reader.token();
      if (value.empty()) {
        auto quoted = reader.quoted();
        if (!quoted) return false;
        value = *std::move(quoted);
      }
    }
    if (name == "rel" && has_word(value, "next") && !next) next = target;
  }
  return reader.at_end() || reader.next_is(',');
}

}  // namespace

Result<std::optional<std::string>> next_page(const http::Headers& headers, const std::string& host,
                                             const std::string& path) {
  std::string all;
  for (const auto& [name, value] : headers) {
    if (name == "link") all += (all.empty() ? "" : ", ") + value;
  }
  std::optional<std::string> next;
  HeaderReader reader{all};
  for (reader.skip_commas(); !reader.at_end(); reader.skip_commas()) {
    if (all.size() > kLongestHeader || !read_link(reader, next)) return invalid("its Link cannot be read");
  }
  if (!next) return std::nullopt;
  std::string target = *next;
  if (target.find("://") != std::string::npos && !target.starts_with('/') && !target.starts_with('?')) {
    const auto url = parse_url(target);
    if (!url) return invalid("its Link cannot be read");
    if (url->origin.host != host) return invalid("its list goes on at " + url->origin.host + ", which is not asked");
    target = url->target;
  } else if (target.starts_with('?')) {
    target.insert(0, path);
  }
  if (!is_target(target) || target.substr(0, target.find('?')) != path) {
    return invalid("its Link leads elsewhere than to the list's next page");
  }
  return target;
}

}  // namespace atelier::registry
