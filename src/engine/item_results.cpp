// Results of items for which the ledger has no room: they are stored beside it, a page at a time, and the ledger has
// the page's SHA-256 in each item. A page takes all that is not stored yet, so that each is larger than the ledger's
// room, and there are few.
#include "engine/item_results.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "atelier/base/digest.h"
#include "engine/results.h"
#include "engine/retry.h"
#include "engine/state.h"

namespace atelier::engine {
namespace {

using nlohmann::json;

constexpr std::size_t kAroundItem = 10;  // bytes at most, of its index

const Results* find(const ItemResults& page, const std::string& task, std::int64_t item) {
  const auto items = page.find(task);
  if (items == page.end()) return nullptr;
  const auto at = items->second.find(item);
  return at == items->second.end() ? nullptr : &at->second;
}

}  // namespace

std::string write_page(const ItemResults& results) {
  json object = json::object();
  for (const auto& [task, items] : results) {
    for (const auto& [item, values] : items) object[task][std::to_string(item)] = values;
  }
  return object.dump(-1, ' ', false, json::error_handler_t::replace);
}

ItemResults read_page(std::string_view text) {
  ItemResults out;
  const json object = json::parse(text, nullptr, false);
  if (!object.is_object()) return {};
  for (const auto& [task, items] : object.items()) {
    if (!items.is_object()) return {};
    for (const auto& [index, values] : items.items()) {
      std::int64_t item = 0;
      const auto [end, error] = std::from_chars(index.data(), index.data() + index.size(), item);
      if (error != std::errc{} || end != index.data() + index.size() || !values.is_object()) return {};
      Results& results = out[task][item];
      for (const auto& [name, value] : values.items()) {
        if (!value.is_string()) return {};
        results[name] = value.get<std::string>();
      }
    }
  }
  return out;
}

ItemRoom::Fit ItemRoom::fit(std::size_t bytes) const {
  if (bytes == 0 || in_ledger + bytes <= kRoomForItems) return Fit::ledger;
  return in_ledger + stored + bytes <= kMostOfItems ? Fit::page : Fit::none;
}

// The page that has just these results of the item.
const ItemRoom::Page* State::page_of(const Part& part, const Unit& unit, const Results& results) const {
  const auto has = [&](const ItemRoom::Page& page) {
    const Results* const there = find(page.results, part.task().name, unit.item);
    return there != nullptr && *there == results;
  };
  const auto at = std::find_if(room_.pages.begin(), room_.pages.end(), has);
  return at == room_.pages.end() ? nullptr : &*at;
}

// An item that succeeded, and is not committed before its results are stored.
bool State::awaits_page(const Part& part, const Unit& unit, Entry& next, const PodObservation& pod) {
  if (unit.item == kNoItem || pod.phase != PodPhase::succeeded || was_accepted(unit, pod)) return false;
  ReadResults read = read_results(part.task(), pod.termination_message, part.node->consumed, 0);
  if (!read.problem.empty() || page_of(part, unit, read.kept) != nullptr) return false;
  if (room_.fit(bytes_of(read.kept, true)) != ItemRoom::Fit::page) return false;
  see_alive(next, pod, pod.attempt);
  next.finished = pod.finished;
  if (room_.unstored) {
    next.reason = kResultsUnstored;
    next.message = bounded(room_.unstored->message);
  }
  room_.awaiting.insert_or_assign(place_of(part, unit), std::move(read.kept));
  return true;
}

// What is in the ledger and in a page as well leaves the ledger.
void State::refer_to_page(const Part& part, const Unit& unit, Entry& next) const {
  if (unit.item == kNoItem || next.results.empty() || !next.stored.empty()) return;
  if (const ItemRoom::Page* const page = page_of(part, unit, next.results)) next.stored = page->sha256;
}

// Looks again at items that await a page and do not need one any more. False where there are none.
bool State::admit_to_room() {
  std::size_t more = 0;
  for (const auto& [place, results] : room_.awaiting) {
    const std::size_t bytes = bytes_of(results, true);
    if (room_.fit(more + bytes) == ItemRoom::Fit::page) continue;
    more += bytes;
    dirty_.insert(place);
  }
  return !dirty_.empty();
}

std::optional<StoreResults> State::page_to_store() {
  if (room_.awaiting.empty() || over()) return std::nullopt;
  if (room_.unstored) {
    // This clock may have been set back since.
    const WallTime again = std::min(room_.unstored->at, now_) + delay_after_refusal(room_.unstored->times);
    if (again > now_) {
      wake(again);
      return std::nullopt;
    }
  }
  ItemResults page;
  std::size_t bytes = 0;
  const auto add = [&](const Part& part, std::int64_t item, const Results& results) {
    if (results.empty() || bytes >= kEnoughOfPage) return;
    bytes += json(results).dump(-1, ' ', false, json::error_handler_t::replace).size() + kAroundItem;
    page[part.task().name].emplace(item, results);
  };
  for (const Part& part : parts_) {
    for (const Unit& unit : part.items) {
      if (unit.entry->stored.empty()) add(part, unit.item, unit.entry->results);
    }
  }
  for (const auto& [place, results] : room_.awaiting) add(parts_[place.first], place.second, results);
  std::string text = write_page(page);
  return StoreResults{sha256_hex(text), std::move(text)};
}

void State::see_stored(const std::string& page) {
  room_.unstored.reset();
  ItemResults results = read_page(page);
  for (const auto& [task, items] : results) {
    const Part* const part = part_of(task);
    if (part == nullptr || !part->open) continue;
    for (const auto& [item, values] : items) dirty(*part, item);
  }
  room_.pages.push_back({sha256_hex(page), std::move(results)});
}

void State::see(UnstoredResults unstored) {
  room_.unstored = std::move(unstored);
  for (const auto& [place, results] : room_.awaiting) dirty_.insert(place);
}

// Pages to which the committed ledger refers, as far as their items are there.
void State::forget_pages() {
  const auto is_open = [this](const ItemRoom::Page& page, const std::string& task, std::int64_t item) {
    const Part* const part = part_of(task);
    if (part == nullptr || item < 0 || static_cast<std::size_t>(item) >= part->items.size()) return false;
    return part->items[static_cast<std::size_t>(item)].committed->stored != page.sha256;
  };
  std::erase_if(room_.pages, [&](const ItemRoom::Page& page) {
    return std::none_of(page.results.begin(), page.results.end(), [&](const auto& task) {
      return std::any_of(task.second.begin(), task.second.end(),
                         [&](const auto& item) { return is_open(page, task.first, item.first); });
    });
  });
}

void State::note_lacking(const Part& part, const TaskEntry& committed, std::set<std::string>& lacking) const {
  for (std::size_t i = 0; i < committed.items.size(); ++i) {
    const std::string& stored = committed.items[i].stored;
    if (stored.empty() || texts_.contains(stored)) continue;
    const bool known = i < part.entry->items.size() && part.entry->items[i].stored == stored;
    if (!known) lacking.insert(stored);
  }
}

// What a ledger that was decoded does not have.
void State::restore_items(const Part& part, TaskEntry& committed) {
  std::map<std::string, ItemResults> pages;
  for (std::size_t i = 0; i < committed.items.size(); ++i) {
    Entry& item = committed.items[i];
    if (item.stored.empty() || !item.results.empty()) continue;
    if (i < part.entry->items.size() && part.entry->items[i].stored == item.stored) {
      item.results = part.entry->items[i].results;
      continue;
    }
    const auto [page, is_new] = pages.try_emplace(item.stored);
    const auto text = texts_.find(item.stored);
    if (is_new && text != texts_.end()) page->second = read_page(text->second);
    const Results* const results = find(page->second, part.task().name, static_cast<std::int64_t>(i));
    if (results != nullptr) item.results = *results;
  }
}

}  // namespace atelier::engine
