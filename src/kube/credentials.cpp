#include "kube/credentials.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "atelier/base/log.h"

namespace atelier::kube {

Result<std::string> read_whole_file(const std::string& path) {
  const auto failed = [&path](int error) { return invalid(path + ": " + std::strerror(error)); };
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rbe"), &std::fclose);
  if (!file) return failed(errno);
  std::string content;
  char buffer[4096];
  std::size_t count = sizeof buffer;
  while (count == sizeof buffer) {  // less is the end or an error
    count = std::fread(buffer, 1, sizeof buffer, file.get());
    content.append(buffer, count);
  }
  if (std::ferror(file.get()) != 0) return failed(errno);
  return content;
}

std::string_view without_surrounding_space(std::string_view text) {
  const auto space = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (!text.empty() && space(text.front())) text.remove_prefix(1);
  while (!text.empty() && space(text.back())) text.remove_suffix(1);
  return text;
}

std::string TokenFile::token() {
  const SteadyTime now = clock_();
  if (read_at_ && now - *read_at_ < kFresh) return token_;
  read_at_ = now;
  const auto content = read_whole_file(path_);
  if (!content) {
    log::warn("a token file cannot be read", {{"error", content.error().message}});
    return token_;
  }
  const std::string_view token = without_surrounding_space(content.value());
  if (token.empty()) {  // it is being written
    log::warn("a token file is empty", {{"file", path_}});
    return token_;
  }
  token_ = token;
  return token_;
}

}  // namespace atelier::kube
