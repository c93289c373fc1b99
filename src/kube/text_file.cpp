#include "kube/text_file.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

namespace atelier::kube {

Result<std::string> read_whole_file(const std::string& path, std::size_t longest) {
  const auto failed = [&path](int error) {
    return Error{error == ENOENT ? Errc::not_found : Errc::invalid, path + ": " + std::strerror(error)};
  };
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rbe"), &std::fclose);
  if (!file) return failed(errno);
  std::string content;
  std::array<char, 4096> buffer{};
  while (std::feof(file.get()) == 0 && std::ferror(file.get()) == 0) {
    const std::size_t count = std::fread(buffer.data(), 1, buffer.size(), file.get());
    content.append(buffer.data(), count);
    if (content.size() > longest) return invalid(path + ": is larger than " + std::to_string(longest) + " bytes");
  }
  if (std::ferror(file.get()) != 0) return failed(errno);
  return content;
}

bool is_header_value(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) { return (c >= 0 && c < ' ' && c != '\t') || c == '\x7f'; });
}

}  // namespace atelier::kube
