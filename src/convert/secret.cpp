#include "convert/secret.h"

#include <algorithm>
#include <array>

namespace atelier::convert {
namespace {

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool in_name(char c) {
  return is_upper(c) || is_lower(c) || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
}

// Upper-case words: POSTGRES_PASSWORD, postgres-password and postgresPassword are the same two.
std::vector<std::string> words_of(std::string_view name) {
  std::vector<std::string> words(1);
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    if (!is_upper(c) && !is_lower(c)) {
      if (!words.back().empty()) words.emplace_back();
      continue;
    }
    if (is_upper(c) && i > 0 && is_lower(name[i - 1])) words.emplace_back();
    words.back() += is_lower(c) ? static_cast<char>(c - 'a' + 'A') : c;
  }
  if (words.back().empty()) words.pop_back();
  return words;
}

std::vector<std::string_view> tokens_of(const std::vector<std::string>& texts) {
  constexpr std::string_view kBetween = " \t\r\n;&|()'\"`";
  std::vector<std::string_view> tokens;
  for (std::string_view text : texts) {
    while (true) {
      text.remove_prefix(std::min(text.find_first_not_of(kBetween), text.size()));
      if (text.empty()) break;
      const std::size_t end = std::min(text.find_first_of(kBetween), text.size());
      tokens.push_back(text.substr(0, end));
      text.remove_prefix(end);
    }
  }
  return tokens;
}

}  // namespace

bool names_secret(std::string_view name) {
  constexpr std::array<std::string_view, 8> kParts{"PASSWORD", "PASSWD",     "PASSPHRASE", "SECRET",
                                                   "TOKEN",    "CREDENTIAL", "PASSWORT",   "APIKEY"};
  constexpr std::array<std::string_view, 6> kWords{"KEY", "KEYS", "PWD", "PASS", "PAT", "AUTH"};
  constexpr std::array<std::string_view, 6> kPlaces{"FILE", "PATH", "DIR", "NAME", "URL", "URI"};
  const auto words = words_of(name);
  if (words.empty() || name == "PWD") return false;
  const auto is_one_of = [](const auto& list, const std::string& word) {
    return std::find(list.begin(), list.end(), word) != list.end();
  };
  if (is_one_of(kPlaces, words.back())) return false;
  return std::any_of(words.begin(), words.end(), [&](const std::string& word) {
    return is_one_of(kWords, word) || word.ends_with("ACCESSKEY") || word.ends_with("SECRETKEY") ||
           std::any_of(kParts.begin(), kParts.end(),
                       [&](std::string_view part) { return word.find(part) != std::string::npos; });
  });
}

bool holds_credentials(std::string_view text) {
  for (std::size_t at; (at = text.find("://")) != std::string_view::npos;) {
    const std::size_t letters =
        text.substr(0, at).find_last_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
    const std::string_view scheme = text.substr(letters == std::string_view::npos ? 0 : letters + 1,
                                                at - (letters == std::string_view::npos ? 0 : letters + 1));
    text.remove_prefix(at + 3);
    const std::string_view authority = text.substr(0, text.find_first_of("/?# \t\r\n\"'`"));
    const std::size_t sign = authority.rfind('@');
    if (sign == std::string_view::npos) continue;
    const std::string_view user = authority.substr(0, sign);
    const std::size_t colon = user.find(':');
    if (colon == std::string_view::npos && scheme == "ssh") continue;  // a login, no token
    const std::string_view secret = colon == std::string_view::npos ? user : user.substr(colon + 1);
    if (!secret.empty() && !secret.starts_with('$')) return true;
  }
  return false;
}

std::optional<std::string> secret_option(const std::vector<std::string>& words) {
  const auto tokens = tokens_of(words);
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    std::string_view token = tokens[i];
    const bool option = token.starts_with('-');
    token.remove_prefix(std::min(token.find_first_not_of('-'), token.size()));
    const std::size_t equals = token.find('=');
    const std::string_view name = token.substr(0, equals);
    if (!std::all_of(name.begin(), name.end(), in_name) || !names_secret(name)) continue;
    std::string_view value;
    if (equals != std::string_view::npos) {
      value = token.substr(equals + 1);
      // The quotes around a value part it from its name.
      if (value.empty() && i + 1 < tokens.size() && tokens[i + 1].data() == token.data() + token.size() + 1) {
        value = tokens[i + 1];
      }
    } else if (option && i + 1 < tokens.size() && !tokens[i + 1].starts_with('-')) {
      value = tokens[i + 1];
    }
    if (!value.empty() && !value.starts_with('$')) return std::string(name);
  }
  return std::nullopt;
}

bool is_reference(std::string_view value) {
  while (!value.empty()) {
    const char closing = value.starts_with("${") ? '}' : value.starts_with("$(") ? ')' : '\0';
    const std::size_t end = closing == '\0' ? std::string_view::npos : value.find(closing);
    if (end == std::string_view::npos) return false;
    value.remove_prefix(end + 1);
  }
  return true;
}

}  // namespace atelier::convert
