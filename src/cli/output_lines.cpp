#include "cli/output_lines.h"

#include <algorithm>

#include "atelier/base/time.h"
#include "cli/printable.h"

namespace atelier::cli {
namespace {

constexpr std::size_t kLongestLine = std::size_t{1} << 20U;  // a longer one is cut in two

}  // namespace

void OutputLines::feed(std::string_view data) {
  rest_ += data;
  std::size_t begin = 0;
  for (std::size_t end = rest_.find('\n'); end != std::string::npos; end = rest_.find('\n', begin)) {
    line(std::string_view(rest_).substr(begin, end - begin));
    begin = end + 1;
  }
  rest_.erase(0, begin);
  if (rest_.size() > kLongestLine) finish();
}

void OutputLines::finish() {
  if (!rest_.empty()) line(rest_);
  rest_.clear();
}

void OutputLines::line(std::string_view text) {
  const std::string_view time = text.substr(0, text.find(' '));
  if (!parse_time(time)) return take_("", printable_output(text));
  text.remove_prefix(std::min(time.size() + 1, text.size()));
  take_(std::string(time), printable_output(text));
}

std::string comparable_time(std::string time) {
  constexpr std::size_t kNanoseconds = 29;  // 2026-01-01T00:00:00.000000000
  if (time.ends_with('Z')) time.pop_back();
  if (time.find('.') == std::string::npos) time += '.';
  time.resize(std::max(time.size(), kNanoseconds), '0');
  return time;
}

std::string prefix_of(const std::string& task, int item, int attempt) {
  return printable(task) + (item < 0 ? "" : "[" + std::to_string(item) + "]") +
         (attempt > 1 ? "#" + std::to_string(attempt) : "") + " | ";
}

}  // namespace atelier::cli
