#include "atelier/engine/ledger.h"

#include <zstd.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <tuple>
#include <unordered_map>

#include "atelier/api/pipeline.h"
#include "atelier/base/base64.h"

namespace atelier::engine {
namespace {

using nlohmann::json;

constexpr int kFormat = 2;
constexpr int kFormatWithPages = 3;  // which an operator that knows nothing of stored items does not take for its own
constexpr std::size_t kLargest = 8U << 20U;  // decompressed; a guard against a state that someone made up

// Of the calendar that can be written, far from where the sum of an instant and a delay overflows.
constexpr WallTime kFirst = std::chrono::sys_days{std::chrono::year{0} / 1 / 1};
constexpr WallTime kEnd = std::chrono::sys_days{std::chrono::year{10'000} / 1 / 1};

constexpr std::array<std::string_view, 6> kStates{"Waiting", "Running", "Succeeded", "Failed", "Skipped", "Cancelled"};
constexpr std::array<std::string_view, 5> kPhases{"Pending", "Running", "Succeeded", "Failed", "Cancelled"};

void put(json& object, const char* name, const std::string& value) {
  if (!value.empty()) object[name] = value;
}
void put(json& object, const char* name, const std::optional<WallTime>& value) {
  if (value) object[name] = value->time_since_epoch().count();
}

// It becomes a part of a name.
bool is_sha256(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

json to_value(const Entry& entry) {
  json object = {{"s", static_cast<int>(entry.state)}, {"a", entry.attempt}};
  put(object, "r", entry.reason);
  put(object, "m", entry.message);
  put(object, "b", entry.started);
  put(object, "e", entry.finished);
  put(object, "n", entry.next_attempt_at);
  put(object, "f", entry.since);
  if (entry.restarts > 0) object["i"] = entry.restarts;
  if (entry.out_of_memory > 0) object["k"] = entry.out_of_memory;
  put(object, "h", entry.stored);
  if (!entry.results.empty() && entry.stored.empty()) object["o"] = entry.results;
  return object;
}

// Takes members of an object; whatever has not the form that encode() writes makes it fail.
class Taker {
 public:
  explicit Taker(const json& object) : object_(object), ok_(object.is_object()) {}

  const json* member(const char* name) {
    if (!ok_) return nullptr;
    const auto at = object_.find(name);
    if (at == object_.end()) return nullptr;
    ++taken_;
    return &*at;
  }
  void text(const char* name, std::string& out) {
    const json* value = member(name);
    if (value == nullptr) return;
    ok_ = ok_ && value->is_string();
    if (ok_) out = value->get<std::string>();
  }
  void instant(const char* name, std::optional<WallTime>& out) {
    const json* value = member(name);
    if (value == nullptr) return;
    ok_ = ok_ && value->is_number_integer();
    if (!ok_) return;
    const WallTime instant{WallTime::duration{value->get<std::int64_t>()}};
    ok_ = instant >= kFirst && instant < kEnd;
    if (ok_) out = instant;
  }
  std::int64_t number(const char* name, std::int64_t least, std::int64_t most) {
    const json* value = member(name);
    ok_ = ok_ && value != nullptr && value->is_number_integer();
    if (!ok_) return least;
    const auto number = value->get<std::int64_t>();
    ok_ = number >= least && number <= most;
    return ok_ ? number : least;
  }
  void require(bool what) { ok_ = ok_ && what; }
  bool done() const { return ok_ && taken_ == object_.size(); }

 private:
  const json& object_;
  bool ok_;
  std::size_t taken_ = 0;
};

void take(Taker& taker, const json& value, Entry& entry) {
  entry.state = static_cast<TaskState>(taker.number("s", 0, kStates.size() - 1));
  entry.attempt = taker.number("a", 0, 1'000'000);
  taker.text("r", entry.reason);
  taker.text("m", entry.message);
  taker.instant("b", entry.started);
  taker.instant("e", entry.finished);
  taker.instant("n", entry.next_attempt_at);
  taker.instant("f", entry.since);
  if (value.is_object() && value.contains("i")) entry.restarts = taker.number("i", 1, 1'000'000);
  if (value.is_object() && value.contains("k")) entry.out_of_memory = taker.number("k", 1, 1'000'000);
  taker.text("h", entry.stored);
  taker.require(entry.stored.empty() || is_sha256(entry.stored));
  if (const json* results = taker.member("o")) {
    taker.require(results->is_object() && entry.stored.empty());
    for (const auto& [name, result] : results->items()) {
      taker.require(result.is_string());
      if (result.is_string()) entry.results[name] = result.get<std::string>();
    }
  }
}

bool from_value(const json& value, Entry& entry) {
  Taker taker{value};
  take(taker, value, entry);
  return taker.done();
}

const Results kNoResults;

// Of what makes entries alike, that which tells most of them apart.
struct HashOfAlike {
  std::size_t operator()(const Entry* entry) const {
    const auto count = [](const std::optional<WallTime>& at) { return at ? at->time_since_epoch().count() : 0; };
    std::size_t hash = std::hash<std::string>{}(entry->message);
    const auto mix = [&hash](std::int64_t part) {
      hash = hash * 0x9E3779B97F4A7C15U + static_cast<std::size_t>(part) + 1;  // the golden ratio spreads the bits
    };
    mix(static_cast<std::int64_t>(entry->state));
    mix(entry->attempt);
    mix(count(entry->started));
    mix(count(entry->finished));
    return hash;
  }
};
struct Alike {
  bool operator()(const Entry* one, const Entry* other) const { return are_alike(*one, *other); }
};

// Items are mostly alike: each different entry is written once, without its results, and each item as the number of
// its entry, with how many in a row have it. Results follow by name, null where an item has none.
json to_value(const std::vector<Entry>& items) {
  json kinds = json::array();
  json rows = json::array();
  json results = json::object();
  std::unordered_map<const Entry*, std::size_t, HashOfAlike, Alike> known;
  const Entry* before = nullptr;
  for (std::size_t i = 0; i < items.size(); ++i) {
    for (const auto& [name, value] : items[i].stored.empty() ? items[i].results : kNoResults) {
      json& column = results[name];
      while (column.size() < i) column.push_back(nullptr);
      column.push_back(value);
    }
    if (before != nullptr && are_alike(*before, items[i])) {
      rows.back() = rows.back().get<std::size_t>() + 1;
      continue;
    }
    before = &items[i];
    const auto [at, is_new] = known.try_emplace(before, kinds.size());
    if (is_new) {
      kinds.push_back(to_value(*before));
      kinds.back().erase("o");
    }
    rows.push_back(at->second);
    rows.push_back(1);
  }
  json object = {{"k", std::move(kinds)}, {"x", std::move(rows)}};
  if (!results.empty()) object["o"] = std::move(results);
  return object;
}

bool from_value(const json& value, std::vector<Entry>& items) {
  Taker taker{value};
  const json* kinds = taker.member("k");
  const json* rows = taker.member("x");
  const json* results = taker.member("o");
  taker.require(kinds != nullptr && kinds->is_array() && rows != nullptr && rows->is_array() && rows->size() % 2 == 0);
  if (!taker.done()) return false;
  std::vector<Entry> known(kinds->size());
  for (std::size_t i = 0; i < known.size(); ++i) {
    if (!from_value((*kinds)[i], known[i]) || !known[i].results.empty()) return false;
  }
  for (std::size_t i = 0; i < rows->size(); i += 2) {
    const json &kind = (*rows)[i], &times = (*rows)[i + 1];
    if (!kind.is_number_unsigned() || !times.is_number_unsigned()) return false;
    if (kind.get<std::size_t>() >= known.size() || times.get<std::size_t>() > api::kMostItems) return false;
    if (items.size() + times.get<std::size_t>() > api::kMostItems) return false;
    items.insert(items.end(), times.get<std::size_t>(), known[kind.get<std::size_t>()]);
  }
  if (results == nullptr) return true;
  if (!results->is_object()) return false;
  for (const auto& [name, column] : results->items()) {
    if (!column.is_array() || column.size() > items.size()) return false;
    for (std::size_t i = 0; i < column.size(); ++i) {
      if (!column[i].is_string()) continue;
      if (!items[i].stored.empty()) return false;
      items[i].results[name] = column[i].get<std::string>();
    }
  }
  return true;
}

json to_value(const TaskEntry& entry) {
  json object = to_value(static_cast<const Entry&>(entry));
  if (!entry.items.empty()) object["x"] = to_value(entry.items);
  return object;
}

bool from_value(const json& value, TaskEntry& entry) {
  Taker taker{value};
  take(taker, value, entry);
  const json* items = taker.member("x");
  return taker.done() && (items == nullptr || from_value(*items, entry.items));
}

const TaskEntry kNothing;

bool refers_to_pages(const std::pair<const std::string, TaskEntry>& task) {
  const std::vector<Entry>& items = task.second.items;
  return std::any_of(items.begin(), items.end(), [](const Entry& item) { return !item.stored.empty(); });
}

Error unreadable() { return invalid("is not what the operator wrote"); }

}  // namespace

bool are_alike(const Entry& one, const Entry& other) {
  const auto rest = [](const Entry& entry) {
    return std::tie(entry.state, entry.attempt, entry.restarts, entry.out_of_memory, entry.reason, entry.message,
                    entry.started, entry.finished, entry.next_attempt_at, entry.since, entry.stored);
  };
  return rest(one) == rest(other);
}

std::string_view to_string(TaskState state) { return kStates[static_cast<std::size_t>(state)]; }
std::string_view to_string(RunPhase phase) { return kPhases[static_cast<std::size_t>(phase)]; }

std::string encode(const Ledger& ledger) {
  const bool with_pages = std::any_of(ledger.tasks.begin(), ledger.tasks.end(), refers_to_pages);
  json object = {
      {"v", with_pages ? kFormatWithPages : kFormat}, {"p", static_cast<int>(ledger.phase)}, {"t", json::object()}};
  put(object, "r", ledger.reason);
  put(object, "m", ledger.message);
  put(object, "u", ledger.refused);
  put(object, "c", ledger.completed);
  put(object, "f", ledger.finally_since);
  if (ledger.trimmed) object["w"] = 1;
  for (const auto& [name, entry] : ledger.tasks) {
    if (entry != kNothing) object["t"][name] = to_value(entry);
  }
  const std::string text = object.dump(-1, ' ', false, json::error_handler_t::replace);
  std::string packed(ZSTD_compressBound(text.size()), '\0');
  packed.resize(ZSTD_compress(packed.data(), packed.size(), text.data(), text.size(), 3));
  return base64_encode(packed);
}

Result<Ledger> decode(std::string_view text) {
  if (text.empty()) return Ledger{};
  const auto packed = base64_decode(text);
  if (!packed) return unreadable();
  const unsigned long long size = ZSTD_getFrameContentSize(packed->data(), packed->size());
  if (size > kLargest) return unreadable();  // also the values that stand for errors
  std::string plain(size, '\0');
  const std::size_t read = ZSTD_decompress(plain.data(), plain.size(), packed->data(), packed->size());
  if (ZSTD_isError(read) != 0 || read != size) return unreadable();
  const json object = json::parse(plain, nullptr, false);
  Taker taker{object};
  Ledger ledger;
  taker.number("v", kFormat, kFormatWithPages);
  ledger.phase = static_cast<RunPhase>(taker.number("p", 0, kPhases.size() - 1));
  taker.text("r", ledger.reason);
  taker.text("m", ledger.message);
  taker.text("u", ledger.refused);
  taker.instant("c", ledger.completed);
  taker.instant("f", ledger.finally_since);
  ledger.trimmed = object.is_object() && object.contains("w") && taker.number("w", 1, 1) == 1;
  const json* tasks = taker.member("t");
  taker.require(tasks != nullptr && tasks->is_object());
  if (!taker.done()) return unreadable();
  for (const auto& [name, entry] : tasks->items()) {
    if (!from_value(entry, ledger.tasks[name])) return unreadable();
  }
  return ledger;
}

}  // namespace atelier::engine
