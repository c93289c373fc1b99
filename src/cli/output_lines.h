// A task's output, cut into lines that can be printed.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "cli/terminal.h"

namespace atelier::cli {

// The kubelet's lines, each with its time before it, as they come in pieces.
class OutputLines {
 public:
  // `time` is the kubelet's, as it wrote it; empty where a line has none.
  using Take = std::function<void(const std::string& time, const std::string& line)>;

  explicit OutputLines(Take take) : take_(std::move(take)) {}

  void feed(std::string_view data);
  void finish();  // what is left is the last line

 private:
  void line(std::string_view text);

  Take take_;
  std::string rest_;
};

// The kubelet leaves zeros at the end of a time out; so written, times are ordered as they are.
std::string comparable_time(std::string time);

// "load | ", "load[3] | ", "load#2 | " of a second attempt.
std::string prefix_of(const std::string& task, int item, int attempt);

}  // namespace atelier::cli
