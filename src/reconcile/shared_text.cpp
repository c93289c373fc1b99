#include "reconcile/shared_text.h"

#include <functional>
#include <unordered_map>

namespace atelier::reconcile {
namespace {

struct Hash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};

using Copies = std::unordered_map<std::string, std::size_t, Hash, std::equal_to<>>;

Copies& copies() {
  static thread_local Copies all;
  return all;
}

}  // namespace

SharedText::Copy* SharedText::share(std::string_view text) {
  Copies& all = copies();
  auto at = all.find(text);
  if (at == all.end()) at = all.emplace(text, 0).first;
  ++at->second;
  return &*at;  // stays where it is: the map has nodes
}

void SharedText::forget(Copy* copy) { copies().erase(copies().find(copy->first)); }

}  // namespace atelier::reconcile
