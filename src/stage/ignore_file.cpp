#include "stage/ignore_file.h"

#include <cerrno>

#include "stage/refusals.h"

namespace atelier::stage {
namespace {

constexpr char kFile[] = ".airflowignore";
constexpr std::string_view kLine = ".atelier";
constexpr std::string_view kEscapedLine = "\\.atelier";  // the same in both of Airflow's syntaxes, and stricter
constexpr std::size_t kMaxBytes = 1 << 20;

bool has_line(std::string_view text) {
  while (!text.empty()) {
    const auto end = text.find('\n');
    auto line = text.substr(0, end);
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
    if (line == kLine || line == kEscapedLine) return true;
    if (end == std::string_view::npos) return false;
    text.remove_prefix(end + 1);
  }
  return false;
}

}  // namespace

Result<void> keep_ignore_file(const Storage& storage, const std::string& workspace) {
  mode_t mode = 0644;
  std::string text;
  if (auto status = storage.root.status(kFile)) {
    if (!S_ISREG(status->st_mode)) {
      const char* kind = special_kind(status->st_mode);
      return Failure{Reason::path_occupied, storage.root.path_of(kFile) + " " + (kind ? kind : "is a folder") +
                                                " and is not followed. Put a plain file there, or nothing."};
    }
    auto read = storage.root.read_file(kFile, kMaxBytes);
    if (!read) return Storage::failure(read.error(), "read", storage.root.path_of(kFile));
    text = std::move(*read);
    mode = status->st_mode & 0777;
  } else if (status.error().code != ENOENT) {
    return Storage::failure(status.error(), "read", storage.root.path_of(kFile));
  }
  if (has_line(text)) return {};
  if (!text.empty() && text.back() != '\n') text += '\n';
  text += std::string(kLine) + "\n";
  return storage.replace_file(workspace, storage.root, kFile, text, mode);
}

}  // namespace atelier::stage
