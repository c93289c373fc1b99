// The results of a fan-out's items, beyond what the ledger has room for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "atelier/engine/decide.h"

namespace atelier::engine {

inline constexpr std::size_t kRoomForItems = 8U << 10U;  // bytes of them in the ledger, all fan-outs of a run together
inline constexpr std::size_t kMostOfItems = 1U << 20U;   // and with those that are stored, kept in memory
inline constexpr std::size_t kEnoughOfPage = 128U << 10U;  // of a page as it is written; then it takes no more

// Results of some items by task and index, as they are stored.
using ItemResults = std::map<std::string, std::map<std::int64_t, Results>>;

std::string write_page(const ItemResults& results);
// Empty where the text is no page.
ItemResults read_page(std::string_view text);

// What an execution keeps of them beside the ledger.
struct ItemRoom {
  // A unit in the order of evaluation.
  using Place = std::pair<std::size_t, std::int64_t>;
  struct Page {
    std::string sha256;
    ItemResults results;
  };

  std::size_t in_ledger = 0;  // bytes
  std::size_t stored = 0;
  std::map<Place, Results> awaiting;  // that have ended, and whose results are to be stored before that is committed
  std::vector<Page> pages;            // that are stored, and to which the committed ledger does not refer yet
  std::optional<UnstoredResults> unstored;

  enum class Fit : std::uint8_t { ledger, page, none };
  Fit fit(std::size_t bytes) const;
};

}  // namespace atelier::engine
