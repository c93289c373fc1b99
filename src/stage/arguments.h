// The command line of a step: `--flag value`, repeated where a flag may have several values.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "stage/outcome.h"

namespace atelier::stage {

class Arguments {
 public:
  // UsageError for a flag that is not in `known`, a flag without a value, or more than `positionals` plain words.
  static Result<Arguments> parse(std::span<const std::string> words, std::span<const std::string_view> known,
                                 std::size_t positionals = 0);

  // The accessors collect what is wrong instead of failing one by one; ask `error` once, after all of them.
  std::string required(std::string_view flag);
  std::string optional(std::string_view flag);  // empty: it is not given
  std::string dns_label(std::string_view flag);
  std::uint64_t number(std::string_view flag, std::optional<std::uint64_t> fallback = std::nullopt);
  std::vector<std::string> all(std::string_view flag) const;
  std::string positional(std::string_view meaning);
  void complain(const std::string& complaint);
  std::optional<Failure> error() const;

 private:
  std::vector<std::pair<std::string, std::string>> flags_;
  std::vector<std::string> positionals_;
  std::string complaints_;
};

// False unless `text` is a decimal number within 64 bits.
[[nodiscard]] bool parse_number(std::string_view text, std::uint64_t& out);

}  // namespace atelier::stage
