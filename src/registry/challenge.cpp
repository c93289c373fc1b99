#include "registry/challenge.h"

#include <optional>

#include "registry/header_reader.h"

namespace atelier::registry {
namespace {

constexpr std::size_t kLongestHeader = 8'192;

// "=" and a value, behind a parameter's name. False: it breaks the grammar.
bool read_value(HeaderReader& reader, const std::string& name, Challenge& into) {
  reader.skip_space();
  if (!reader.accept('=')) return false;
  reader.skip_space();
  std::string value = reader.token();
  if (value.empty()) {
    auto quoted = reader.quoted();
    if (!quoted) return false;
    value = *std::move(quoted);
  }
  reader.skip_space();
  if (!reader.at_end() && !reader.next_is(',')) return false;
  return into.params.emplace(lower_case(name), std::move(value)).second;
}

// base64, as in "Negotiate YII=", which is of no use to us.
bool skip_token68(HeaderReader& reader) {
  bool some = false;
  while (!reader.token().empty() || reader.accept('/')) some = true;
  while (reader.accept('=')) {
  }
  reader.skip_space();
  return some && (reader.at_end() || reader.next_is(','));
}

// An element of the list is a scheme, alone or with its first parameter or with a token68; or one more parameter.
bool read_element(HeaderReader& reader, std::vector<Challenge>& found) {
  const std::string word = reader.token();
  if (word.empty()) return false;
  const bool spaced = reader.skip_space();
  if (reader.next_is('=')) return !found.empty() && read_value(reader, word, found.back());
  found.push_back({lower_case(word), {}});
  if (reader.at_end() || reader.next_is(',')) return true;
  if (!spaced) return false;
  HeaderReader ahead = reader;
  if (const std::string name = ahead.token(); !name.empty() && read_value(ahead, name, found.back())) {
    reader = ahead;
    return true;
  }
  return skip_token68(reader);
}

}  // namespace

Result<std::vector<Challenge>> challenges_of(const http::Headers& headers) {
  std::string all;
  for (const auto& [name, value] : headers) {
    if (name == "www-authenticate") all += (all.empty() ? "" : ", ") + value;
  }
  if (all.size() > kLongestHeader) return invalid("its WWW-Authenticate is too long");
  std::vector<Challenge> found;
  HeaderReader reader{all};
  for (reader.skip_commas(); !reader.at_end(); reader.skip_commas()) {
    if (!read_element(reader, found)) return invalid("its WWW-Authenticate cannot be read");
  }
  return found;
}

}  // namespace atelier::registry
