#include "stage/content.h"

#include <cerrno>
#include <vector>

namespace atelier::stage {

Expected<Content, CopyError> copy_content(const Descriptor& from, NewFile* to) {
  std::vector<char> buffer(128 * 1024);
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

Expected<Content, CopyError> copy_content(const Descriptor& from, NewFile& to) { return copy_content(from, &to); }

Sys<Content> read_content(const Descriptor& file) {
  auto content = copy_content(file, nullptr);
  if (!content) return content.error().error;
  return *content;
}

}  // namespace atelier::stage
