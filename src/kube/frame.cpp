#include "atelier/kube/frame.h"

#include <algorithm>

namespace atelier::kube {

void Framer::feed(std::string_view chunk) {
  if (overflowed_) return;
  buffer_.erase(0, at_);
  scanned_ -= at_;
  at_ = 0;
  const std::size_t needed = buffer_.size() + chunk.size() + kPadding;
  if (needed > buffer_.capacity()) buffer_.reserve(std::max(needed, 2 * buffer_.capacity()));
  buffer_.append(chunk);
}

std::optional<std::string_view> Framer::next() {
  while (!overflowed_) {
    const std::size_t end = buffer_.find('\n', scanned_);
    if (end == std::string::npos) {
      scanned_ = buffer_.size();
      overflowed_ = scanned_ - at_ > longest_line_;
      return std::nullopt;
    }
    const std::string_view line{buffer_.data() + at_, end - at_};
    overflowed_ = line.size() > longest_line_;
    at_ = scanned_ = end + 1;
    if (!line.empty() && !overflowed_) return line;
  }
  return std::nullopt;
}

}  // namespace atelier::kube
