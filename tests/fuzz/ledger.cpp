// A run's status.state: the operator's own text, but anyone who may write the status may write anything there.
#include "atelier/engine/ledger.h"

#include <zstd.h>

#include "atelier/base/base64.h"
#include "fuzz/property.h"

namespace {

void check(std::string_view state) {
  using namespace atelier;
  const auto ledger = engine::decode(state);
  if (!ledger) return;
  for (const auto& [name, entry] : ledger.value().tasks) {
    for (const auto& instant : {entry.started, entry.finished, entry.next_attempt_at}) {
      if (!instant) continue;
      const auto time = parse_time(format_micro_time(*instant));
      fuzz::holds(time && time.value() == *instant, "an instant is of the calendar");
    }
  }
  const std::string written = engine::encode(ledger.value());
  const auto again = engine::decode(written);
  fuzz::holds(again && again.value() == ledger.value(), "a ledger is what was written of it");
  fuzz::holds(engine::encode(again.value()) == written, "equal ledgers give equal texts");
}

}  // namespace

// The input is taken as the state, and, since nobody guesses zstd, as the document that is packed into it.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  check(atelier::fuzz::text_of(data, size));
  std::string packed(ZSTD_compressBound(size), '\0');
  packed.resize(ZSTD_compress(packed.data(), packed.size(), data, size, 1));
  check(atelier::base64_encode(packed));
  return 0;
}
