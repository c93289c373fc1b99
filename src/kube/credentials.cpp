#include "kube/credentials.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include "base/log.h"

namespace atelier::kube {

Result<std::string> read_whole_file(const std::string& path) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::string content;
  if (file) content.assign(std::istreambuf_iterator<char>(file), {});
  if (!file || file.bad()) {
    const char* reason = errno != 0 ? std::strerror(errno) : "it cannot be read";
    return invalid(path + ": " + reason);
  }
  return content;
}

std::string TokenFile::token() {
  const SteadyTime now = clock_();
  if (read_at_ && now - *read_at_ < kFresh) return token_;
  read_at_ = now;
  auto content = read_whole_file(path_);
  if (!content) {
    log::warn("a token file cannot be read", {{"error", content.error().message}});
    return token_;
  }
  std::string token = std::move(content).value();
  const auto space = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (!token.empty() && space(token.back())) token.pop_back();
  std::size_t start = 0;
  while (start < token.size() && space(token[start])) ++start;
  token_ = token.substr(start);
  return token_;
}

}  // namespace atelier::kube
