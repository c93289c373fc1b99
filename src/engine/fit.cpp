// Keeps a ledger small enough for the status that it is written into.
#include "atelier/base/text.h"
#include "atelier/engine/ledger.h"

namespace atelier::engine {
namespace {

constexpr std::size_t kShort = 64;

// Of plain text: escapes make up to six bytes out of one, base64 four out of three, and zstd no more than there was.
std::size_t surely_fits(std::size_t largest) { return largest / 60 * 7; }

// What encode() packs, before escapes: names of members, numbers and instants are below 100 bytes a task. Of items only
// what tells them apart counts. Above `enough` it is enough to know that.
std::size_t plain_size(const Ledger& ledger, std::size_t enough) {
  std::size_t size = 200 + ledger.reason.size() + ledger.message.size() + ledger.refused.size();
  const auto add_results = [&size](const Entry& entry) {
    if (!entry.stored.empty()) return;
    for (const auto& [key, value] : entry.results) size += 8 + key.size() + value.size();
  };
  const auto add = [&size](const Entry& entry) {
    size += 100 + entry.reason.size() + entry.message.size() + entry.stored.size();
  };
  for (const auto& [name, entry] : ledger.tasks) {
    size += name.size();
    add(entry);
    add_results(entry);
    for (std::size_t i = 0; i < entry.items.size() && size <= enough; ++i) {
      if (i == 0 || !are_alike(entry.items[i], entry.items[i - 1])) add(entry.items[i]);
      add_results(entry.items[i]);
    }
  }
  return size;
}

struct Step {
  bool only_ended;
  std::size_t longest;  // message
  bool with_times;
};

void trim(Entry& entry, const Step& step) {
  if (step.only_ended && !ended(entry.state)) return;
  entry.message = step.longest == 0 ? "" : bounded(entry.message, step.longest);
  if (step.with_times) return;
  entry.started.reset();
  entry.finished.reset();
}

void fit(Ledger& ledger, std::size_t largest) {
  const std::size_t small = surely_fits(largest);
  if (plain_size(ledger, small) <= small) return;
  for (const Step& step : {Step{true, kShort, true}, Step{true, 0, true}, Step{false, kShort, true},
                           Step{false, 0, true}, Step{false, 0, false}}) {
    if (encode(ledger).size() <= largest) return;
    for (auto& [name, entry] : ledger.tasks) {
      trim(entry, step);
      for (Entry& item : entry.items) trim(item, step);
    }
    ledger.trimmed = true;
  }
}

}  // namespace

void fit(Ledger& ledger) { fit(ledger, kLargestState); }

std::string encode_to_fit(const Ledger& ledger, std::size_t largest) {
  std::string text = encode(ledger);
  if (text.size() <= largest) return text;
  Ledger smaller = ledger;
  fit(smaller, largest);
  return encode(smaller);
}

}  // namespace atelier::engine
