// A bearer token that lives in a file and is replaced there while the process runs.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "atelier/base/result.h"
#include "atelier/base/time.h"

namespace atelier::kube {

class TokenFile {
 public:
  static constexpr Millis kFresh{60'000};

  TokenFile(std::string path, std::function<SteadyTime()> clock) : path_(std::move(path)), clock_(std::move(clock)) {}

  // The file's content without surrounding space, read again after a minute. What was read last stays valid while
  // the file cannot be read or is empty; empty when it never could be.
  std::string token();
  // The server refused it: the next token() reads the file.
  void refuse() { read_at_.reset(); }

 private:
  std::string path_;
  std::function<SteadyTime()> clock_;
  std::optional<SteadyTime> read_at_;
  std::string token_;
};

// The whole file. Error: invalid, with the path and the reason.
Result<std::string> read_whole_file(const std::string& path);

std::string_view without_surrounding_space(std::string_view text);

}  // namespace atelier::kube
