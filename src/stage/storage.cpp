#include "stage/storage.h"

#include <sys/random.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>

#include "stage/mirror.h"
#include "stage/refusals.h"
#include "stage/removal.h"
#include "stage/source.h"
#include "stage/utf8.h"

namespace atelier::stage {
namespace {

std::string nearest_existing(std::string path) {
  struct stat status;
  while (::lstat(path.c_str(), &status) != 0 && !parent_of(path).empty()) path = parent_of(path);
  return path;
}

// "running as 1000:1000, but /storage belongs to 0:0 with mode 0755"
std::string who_and_whose(const std::string& path) {
  struct stat status;
  if (::lstat(path.c_str(), &status) != 0) return "running as " + running_as();
  char mode[8];
  std::snprintf(mode, sizeof mode, "%04o", static_cast<unsigned>(status.st_mode & 07777));
  return "running as " + running_as() + ", and " + printable(path) + " belongs to " + std::to_string(status.st_uid) +
         ":" + std::to_string(status.st_gid) + " with mode " + mode;
}

enum class Missing { create, fail };

Result<Folder> enter(const Folder& parent, const std::string& name, Missing missing) {
  auto folder = missing == Missing::create ? parent.make_folder(name) : parent.folder(name);
  if (!folder) return Storage::folder_failure(folder.error(), parent, name);
  if (auto writable = folder->writable(); !writable) {
    return Storage::failure(writable.error(), "write in", folder->path());
  }
  return std::move(*folder);
}

Result<Storage> open_layout(Folder root, Missing missing) {
  auto own = enter(root, ".atelier", missing);
  if (!own) return own.error();
  auto claims = enter(*own, "claims", missing);
  if (!claims) return claims.error();
  auto sequences = enter(*own, "sequences", missing);
  if (!sequences) return sequences.error();
  auto releases = enter(*own, "releases", missing);
  if (!releases) return releases.error();
  auto copies = enter(*own, "copies", missing);
  if (!copies) return copies.error();
  auto dag_ids = enter(*own, "dag-ids", missing);
  if (!dag_ids) return dag_ids.error();
  auto held_dag_ids = enter(*own, "held-dag-ids", missing);
  if (!held_dag_ids) return held_dag_ids.error();
  auto found_dag_ids = enter(*own, "found-dag-ids", missing);
  if (!found_dag_ids) return found_dag_ids.error();
  auto tmp = enter(*own, "tmp", missing);
  if (!tmp) return tmp.error();
  auto dags = enter(root, "dags", missing);
  if (!dags) return dags.error();
  return Storage{.root = std::move(root),
                 .claims = std::move(*claims),
                 .sequences = std::move(*sequences),
                 .releases = std::move(*releases),
                 .copies = std::move(*copies),
                 .dag_ids = std::move(*dag_ids),
                 .held_dag_ids = std::move(*held_dag_ids),
                 .found_dag_ids = std::move(*found_dag_ids),
                 .tmp = std::move(*tmp),
                 .dags = std::move(*dags)};
}

Result<Folder> open_root(const std::string& path, Gate gate) {
  auto root = Folder::open(path, {.one_device = true, .gate = gate});
  if (!root) return Storage::failure(root.error(), "open the storage", path);
  return std::move(*root);
}

}  // namespace

Result<Storage> Storage::open(const std::string& path, Gate gate) {
  auto root = open_root(path, gate);
  if (!root) return root.error();
  return open_layout(std::move(*root), Missing::create);
}

Result<std::optional<Storage>> Storage::open_existing(const std::string& path, Gate gate) {
  auto root = open_root(path, gate);
  if (!root) return root.error();
  auto own = root->status(".atelier");
  if (!own && own.error().code == ENOENT) return std::optional<Storage>();
  // An interrupted first publish may have left a part of the layout.
  auto storage = open_layout(std::move(*root), Missing::create);
  if (!storage) return storage.error();
  return std::optional(std::move(*storage));
}

Failure Storage::failure(Errno error, std::string_view action, const std::string& path) {
  const std::string what = "cannot " + std::string(action) + " " + printable(path) + ": " + std::strerror(error.code);
  const std::string there = nearest_existing(path);
  switch (error.code) {
    case EACCES:
    case EPERM:
      return {Reason::storage_not_writable,
              what + " (" + who_and_whose(there) + "). Either run `chown -R " + running_as() + " " + printable(there) +
                  "` on the volume, or set the DataDomain's storage owner to the ids that own it."};
    case EROFS:
      return {Reason::storage_not_writable, what + " (" + who_and_whose(there) +
                                                "). The volume is mounted read-only: mount it read-write for the "
                                                "publisher, and check the access mode of the PersistentVolumeClaim."};
    case ENOSPC:
    case EDQUOT:
      return {Reason::storage_full,
              what + ". Free space or inodes on the volume, or enlarge it; what was live stays live."};
    default:
      return {Reason::storage_failed, what + ". It will be tried again; if it stays, look at the volume."};
  }
}

Failure Storage::folder_failure(Errno error, const Folder& parent, const std::string& name) {
  const std::string path = parent.path_of(name);
  if (auto status = parent.status(name); status && !S_ISDIR(status->st_mode)) {
    const char* kind = special_kind(status->st_mode);
    return {Reason::path_occupied, printable(path) + " " + (kind ? kind : "is a file") +
                                       " where Atelier keeps a folder, and is not followed. Move it away."};
  }
  if (error.code == EXDEV) {
    return {Reason::path_occupied, printable(path) +
                                       " is another volume mounted inside the DataDomain's folder. "
                                       "Atelier switches releases by renaming, which needs one volume."};
  }
  return failure(error, "open or create", path);
}

Result<Folder> Storage::releases_of(const std::string& workspace) const {
  return enter(releases, workspace, Missing::create);
}

std::string Storage::temporary(const std::string& workspace, std::string_view what) {
  std::uint64_t random = 0;
  while (::getrandom(&random, sizeof random, 0) != sizeof random) {
  }
  char suffix[20];
  std::snprintf(suffix, sizeof suffix, ".%016llx", static_cast<unsigned long long>(random));
  return workspace + "." + std::string(what) + suffix;
}

Result<void> Storage::clear_leftovers(const std::string& workspace) const {
  auto names = tmp.names();
  if (!names) return failure(names.error(), "list", tmp.path());
  Result<void> cleared;
  for (const std::string& name : *names) {
    if (!name.starts_with(workspace + ".")) continue;
    if (auto removed = remove_tree(tmp, name); !removed && cleared) cleared = removed;
  }
  return cleared;
}

Result<void> Storage::replace_file(const std::string& workspace, const Folder& folder, const std::string& name,
                                   std::string_view bytes, mode_t mode) const {
  const std::string aside = temporary(workspace, "file");
  auto done = tmp.write_file(aside, bytes, mode);
  if (done) done = tmp.rename(aside, folder, name);
  if (done) done = folder.sync();
  if (!done) return failure(done.error(), "replace " + name + " in", folder.path());
  return {};
}

bool is_dns_label(std::string_view text) {
  const auto inner = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
  return !text.empty() && text.size() <= 63 && text.front() != '-' && text.back() != '-' &&
         std::all_of(text.begin(), text.end(), inner);
}

}  // namespace atelier::stage
