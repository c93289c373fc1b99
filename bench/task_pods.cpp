#include "task_pods.h"

#include <array>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string_view>

#include "support/source_dir.h"

namespace atelier::bench {
namespace {

constexpr std::size_t kPodsOfARun = 100;

std::string numbered(const char* format, std::size_t number) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), format, number);
  return text.data();
}

}  // namespace

TaskPods::TaskPods() {
  std::ifstream file(atelier::testing::source_dir() + "/bench/data/task_pod.json");
  std::ostringstream content;
  content << file.rdbuf();
  pattern_ = content.str();
  if (pattern_.empty()) throw std::runtime_error("bench/data/task_pod.json cannot be read");
  if (pattern_.back() == '\n') pattern_.pop_back();
}

std::string TaskPods::text(std::size_t index) const {
  const std::size_t run = index / kPodsOfARun;
  const std::string run_name = numbered("nightly-20260101-%06zu", run);
  std::string out;
  out.reserve(pattern_.size() + 512);
  std::string_view rest = pattern_;
  for (;;) {
    const std::size_t at = rest.find('@');
    out += rest.substr(0, at);
    if (at == std::string_view::npos) return out;
    const std::size_t end = rest.find('@', at + 1);
    const std::string_view word = end == std::string_view::npos ? "" : rest.substr(at + 1, end - at - 1);
    if (word == "NAME") {
      out += run_name + numbered("-extract-orders-%010zu", index);
    } else if (word == "UID") {
      out += numbered("fc72aadc-666b-4bb1-bf9e-%012zu", index);
    } else if (word == "VERSION") {
      out += std::to_string(1'000'000 + index);
    } else if (word == "ROWS") {
      out += std::to_string(4'000 + index);
    } else if (word == "RUN") {
      out += run_name;
    } else if (word == "RUNUID") {
      out += numbered("7d0f5c1e-4a61-4f0c-9a2f-%012zu", run);
    } else if (word == "NAMESPACE") {
      out += numbered("team-%zu", run % 20);
    } else {  // an address or a digest
      out += '@';
      rest.remove_prefix(at + 1);
      continue;
    }
    rest.remove_prefix(end + 1);
  }
}

}  // namespace atelier::bench
