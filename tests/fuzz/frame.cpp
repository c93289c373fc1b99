// A watch's bytes cut into lines: the same lines and the same overflow in whatever chunks they arrive.
#include "atelier/kube/frame.h"

#include <fuzzer/FuzzedDataProvider.h>

#include <vector>

#include "fuzz/property.h"

namespace {

using atelier::fuzz::holds;

struct Lines {
  std::vector<std::string> lines;
  bool overflowed = false;

  bool operator==(const Lines&) const = default;
};

// What the lines are by definition.
Lines expected(std::string_view text, std::size_t longest) {
  Lines out;
  for (std::size_t end; (end = text.find('\n')) != std::string_view::npos; text.remove_prefix(end + 1)) {
    if (end > longest) {
      out.overflowed = true;
      return out;
    }
    if (end > 0) out.lines.emplace_back(text.substr(0, end));
  }
  out.overflowed = text.size() > longest;
  return out;
}

// `ask_late`: only when everything has arrived, as when several reads come before the loop's turn.
Lines framed(std::string_view text, std::size_t longest, const std::vector<std::size_t>& chunks, bool ask_late) {
  atelier::kube::Framer framer{longest};
  Lines out;
  const auto take = [&] {
    while (const auto line = framer.next()) {
      out.lines.emplace_back(*line);
      volatile char behind = 0;  // readable, says kPadding: ASan knows better
      for (std::size_t i = 0; i < atelier::kube::kPadding; ++i) behind = line->data()[line->size() + i];
      static_cast<void>(behind);
    }
  };
  for (std::size_t i = 0; !text.empty(); ++i) {
    const std::size_t size = std::min(text.size(), chunks.empty() ? text.size() : chunks[i % chunks.size()]);
    framer.feed(text.substr(0, size));
    text.remove_prefix(size);
    if (!ask_late) take();
  }
  take();
  out.overflowed = framer.overflowed();
  return out;
}

}  // namespace

// The text, and at its end, read backwards: the longest line, how many chunk sizes there are, and these.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FuzzedDataProvider input{data, size};
  const auto longest = input.ConsumeIntegralInRange<std::size_t>(0, 255);
  std::vector<std::size_t> chunks(input.ConsumeIntegralInRange<std::size_t>(0, 7));
  for (std::size_t& chunk : chunks) chunk = input.ConsumeIntegralInRange<std::size_t>(1, 64);
  const std::string text = input.ConsumeRemainingBytesAsString();
  const Lines lines = expected(text, longest);
  holds(framed(text, longest, chunks, false) == lines, "the chunks do not matter");
  holds(framed(text, longest, chunks, true) == lines, "nor does when one asks");
  return 0;
}
