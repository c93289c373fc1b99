#include "stage/content.h"

#include <cerrno>
#include <vector>

namespace atelier::stage {
namespace {

constexpr std::size_t kBufferBytes = 131'072;

Expected<Content, CopyError> read_into(const Descriptor& from, NewFile* to) {
  std::vector<char> buffer(kBufferBytes);
  Sha256 hash;
  Content content;
  for (;;) {
    const ssize_t count = ::read(from.get(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return CopyError{Errno{errno}, true};
    if (count == 0) break;
    const std::string_view bytes(buffer.data(), static_cast<std::size_t>(count));
    hash.update(bytes);
    content.size += bytes.size();
    if (!to) continue;
    if (auto written = to->append(bytes); !written) return CopyError{written.error(), false};
  }
  content.digest = hash.finish();
  return content;
}

}  // namespace

Expected<Content, CopyError> copy_content(const Descriptor& from, NewFile& to) { return read_into(from, &to); }

Sys<Content> read_content(const Descriptor& file) {
  auto content = read_into(file, nullptr);
  if (!content) return content.error().error;
  return *content;
}

}  // namespace atelier::stage
