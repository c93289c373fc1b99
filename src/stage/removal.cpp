#include "stage/removal.h"

#include <cerrno>

#include "stage/storage.h"

namespace atelier::stage {
namespace {

constexpr std::size_t kDeepest = 512;

Failure cannot(Errno error, const Folder& parent, const std::string& name) {
  return Storage::failure(error, "remove", parent.path_of(name));
}

Result<void> remove_at(const Folder& parent, const std::string& name, std::size_t depth) {
  auto status = parent.status(name);
  if (!status && status.error().code == ENOENT) return {};
  if (!status) return cannot(status.error(), parent, name);
  if (!S_ISDIR(status->st_mode)) {
    if (auto removed = parent.remove_file(name); !removed && removed.error().code != ENOENT) {
      return cannot(removed.error(), parent, name);
    }
    return {};
  }
  if (depth > kDeepest) return cannot(Errno{ENAMETOOLONG}, parent, name);
  auto folder = parent.folder(name);
  if (!folder) return cannot(folder.error(), parent, name);
  if ((status->st_mode & 0700) != 0700) {
    if (auto opened = folder->set_mode(0700); !opened) return cannot(opened.error(), parent, name);
  }
  auto names = folder->names();
  if (!names) return cannot(names.error(), parent, name);
  for (const std::string& child : *names) {
    if (auto removed = remove_at(*folder, child, depth + 1); !removed) return removed;
  }
  if (auto removed = parent.remove_folder(name); !removed) return cannot(removed.error(), parent, name);
  return {};
}

}  // namespace

Result<void> remove_tree(const Folder& parent, const std::string& name) { return remove_at(parent, name, 1); }

}  // namespace atelier::stage
