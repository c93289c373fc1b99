#include "engine/fit.h"

#include "atelier/base/text.h"

namespace atelier::engine {
namespace {

// Of plain text: escapes make up to six bytes out of one, base64 four out of three, and zstd no more than there was.
constexpr std::size_t kSurelyFits = 7U << 10U;
constexpr std::size_t kShort = 64;

// What encode() packs, before escapes: names of members, numbers and instants are below 100 bytes a task.
std::size_t plain_size(const Ledger& ledger) {
  std::size_t size = 200 + ledger.reason.size() + ledger.message.size() + ledger.refused.size();
  for (const auto& [name, entry] : ledger.tasks) {
    size += 100 + name.size() + entry.reason.size() + entry.message.size();
    for (const auto& [key, value] : entry.results) size += 8 + key.size() + value.size();
  }
  return size;
}

void shorten(Ledger& ledger, bool only_ended, std::size_t longest) {
  for (auto& [name, entry] : ledger.tasks) {
    if (only_ended && !ended(entry.state)) continue;
    entry.message = longest == 0 ? "" : atelier::bounded(entry.message, longest);
  }
}

}  // namespace

void fit(Ledger& ledger) {
  if (plain_size(ledger) <= kSurelyFits) return;
  struct Step {
    bool only_ended;
    std::size_t longest;
  };
  for (const Step step : {Step{true, kShort}, Step{true, 0}, Step{false, kShort}, Step{false, 0}}) {
    if (encode(ledger).size() <= kLargestState) return;
    shorten(ledger, step.only_ended, step.longest);
  }
}

}  // namespace atelier::engine
