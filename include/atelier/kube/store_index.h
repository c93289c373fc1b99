// The indexes of a Store: which of its entries are filed under what their values say.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "atelier/base/ids.h"

namespace atelier::kube {

// Pointers to slots by index and by what is filed under, in the order of the slots' keys, which never change. Slots are
// borrowed: whoever lets one go files it under nothing before. An index costs 8 to 16 bytes for each slot.
template <class T, class Slot>
class StoreIndexes {
 public:
  using Keys = std::function<std::vector<std::string>(const ObjectKey&, const T&)>;
  using Slots = std::vector<const Slot*>;

  // REQUIRES that nothing is filed yet.
  void add(std::string name, Keys keys) { indexes_[std::move(name)].keys = std::move(keys); }

  const Slots& filed(std::string_view index, const std::string& value) const {
    static const Slots kNone;
    const auto at = indexes_.find(index);
    if (at == indexes_.end()) return kNone;
    const auto found = at->second.filed.find(value);
    return found == at->second.filed.end() ? kNone : found->second;
  }

  // Files a slot under what its value now says instead of what it said before; null: nothing.
  void file(const ObjectKey& key, const Slot& slot, const T* before, const T* now) {
    for (auto& [name, index] : indexes_) {
      const auto old = before == nullptr ? std::vector<std::string>{} : index.keys(key, *before);
      const auto next = now == nullptr ? std::vector<std::string>{} : index.keys(key, *now);
      if (old == next) continue;
      for (const std::string& under : old) take_out(index, under, slot);
      for (const std::string& under : next) put_in(index.filed[under], slot);
    }
  }

 private:
  struct Index {
    Keys keys;
    std::map<std::string, Slots> filed;
  };

  static auto place_of(Slots& slots, const Slot& slot) {
    return std::lower_bound(slots.begin(), slots.end(), &slot,
                            [](const Slot* a, const Slot* b) { return a->key() < b->key(); });
  }
  static void put_in(Slots& slots, const Slot& slot) {
    const auto at = place_of(slots, slot);
    if (at == slots.end() || *at != &slot) slots.insert(at, &slot);
  }
  static void take_out(Index& index, const std::string& under, const Slot& slot) {
    const auto found = index.filed.find(under);
    if (found == index.filed.end()) return;
    const auto at = place_of(found->second, slot);
    if (at != found->second.end() && *at == &slot) found->second.erase(at);
    if (found->second.empty()) index.filed.erase(found);
  }

  std::map<std::string, Index, std::less<>> indexes_;
};

}  // namespace atelier::kube
