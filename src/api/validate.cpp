#include "atelier/api/validate.h"

#include <algorithm>

namespace atelier::api {
namespace {

bool is_name(std::string_view text, std::size_t longest, bool dots) {
  const auto end = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  const auto inner = [&](char c) { return end(c) || c == '-' || (dots && c == '.'); };
  return !text.empty() && text.size() <= longest && end(text.front()) && end(text.back()) &&
         std::all_of(text.begin(), text.end(), inner);
}

}  // namespace

bool is_dns_label(std::string_view text) { return is_name(text, 63, false); }
bool is_object_name(std::string_view text) { return is_name(text, 253, true); }

}  // namespace atelier::api
