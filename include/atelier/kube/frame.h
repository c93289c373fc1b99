// Cuts a watch's byte stream into lines, one event each.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace atelier::kube {

// At least so many bytes behind the end of what a Framer or a list hands out may be read; their content is
// undefined. simdjson reads beyond the end.
inline constexpr std::size_t kPadding = 64;

class Framer {
 public:
  static constexpr std::size_t kLongestLine = std::size_t{16} << 20;

  explicit Framer(std::size_t longest_line = kLongestLine) : longest_line_(longest_line) {}

  // Invalidates what next() returned.
  void feed(std::string_view chunk);
  // The next complete line without its newline, borrowed until the next call; empty lines are skipped.
  std::optional<std::string_view> next();
  // A line was longer than the limit: nothing more comes, the stream must be given up.
  bool overflowed() const { return overflowed_; }

 private:
  std::size_t longest_line_;
  std::string buffer_;
  std::size_t at_ = 0;       // start of the first line that was not handed out
  std::size_t scanned_ = 0;  // no newline between at_ and here
  bool overflowed_ = false;
};

}  // namespace atelier::kube
