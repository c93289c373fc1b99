// Quantities: what is read and written again is the same, larger numbers are larger, and a refusal says why.
#include "atelier/api/quantity.h"

#include "fuzz/property.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace atelier;
  using fuzz::holds;
  const std::string_view text = fuzz::text_of(data, size);
  const auto quantity = api::parse_quantity(text);
  if (!quantity) {
    holds(!quantity.error().message.empty(), "a refusal has its reason");
    holds(!fuzz::is_utf8(std::string(text)) || fuzz::is_utf8(quantity.error().message), "a refusal can be told");
    return 0;
  }
  const api::Quantity value = quantity.value();
  holds(value.whole >= 0 && value.nanos >= 0 && value.nanos < 1'000'000'000, "a quantity is in its bounds");
  const std::string written = api::format_quantity(value);
  const auto again = api::parse_quantity(written);
  holds(again && again.value() == value, "a quantity is what was written of it");
  holds(api::format_quantity(again.value()) == written, "it is written the same again");
  // Another digit in front makes more of it, and a zero does not.
  const std::string digits{text.starts_with('+') ? text.substr(1) : text};
  const auto same = api::parse_quantity("0" + digits);
  holds(same && same.value() == value, "a zero in front changes nothing");
  if (const auto more = api::parse_quantity("1" + digits)) holds(more.value() >= value, "a digit in front makes more");
  return 0;
}
