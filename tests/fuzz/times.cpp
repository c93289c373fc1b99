// Instants, durations and base64: what is read and written again is the same value.
#include "atelier/base/base64.h"
#include "atelier/base/time.h"
#include "fuzz/property.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace atelier;
  using fuzz::holds;
  const std::string_view text = fuzz::text_of(data, size);
  if (const auto duration = parse_duration(text)) {
    holds(duration.value() >= Millis{0}, "a duration is not negative");
    const auto again = parse_duration(format_duration(duration.value()));
    holds(again && again.value() == duration.value(), "a duration is what was written of it");
  }
  if (const auto time = parse_time(text)) {
    const auto micros = parse_time(format_micro_time(time.value()));
    holds(micros && micros.value() == time.value(), "an instant is what was written of it");
    const auto seconds = parse_time(format_time(time.value()));
    holds(seconds && seconds.value() == std::chrono::floor<std::chrono::seconds>(time.value()),
          "to the second as well");
  }
  const auto encoded = base64_encode(text);
  holds(base64_decode(encoded) == std::string(text), "bytes are what was encoded of them");
  if (const auto bytes = base64_decode(text)) holds(base64_decode(base64_encode(*bytes)) == *bytes, "and again");
  return 0;
}
