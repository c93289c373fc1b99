#include "stage/folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/syscall.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "stage/beneath.h"

namespace atelier::stage {
namespace {

constexpr int kFolderFlags = O_RDONLY | O_DIRECTORY;

Sys<void> checked(long outcome) {
  if (outcome != 0) return Errno{errno};
  return {};
}

struct CloseDir {
  void operator()(DIR* dir) const { ::closedir(dir); }
};

}  // namespace

Sys<Folder> Folder::open(const std::string& path, FolderRules rules) {
  Descriptor opened(::open(path.c_str(), kFolderFlags | O_CLOEXEC));
  if (opened.get() < 0) return Errno{errno};
  return Folder(std::move(opened), path, rules);
}

Sys<Descriptor> Folder::open_at(const std::string& relative, int flags) const {
  const int no_openat2 = gate("openat2");
  return open_beneath(descriptor_.get(), relative,
                      {.flags = flags, .one_device = rules_.one_device, .by_component = no_openat2 != 0});
}

Sys<Folder> Folder::folder(const std::string& relative) const {
  auto opened = open_at(relative, kFolderFlags);
  if (!opened) return opened.error();
  return Folder(std::move(*opened), path_of(relative), rules_);
}

Sys<Folder> Folder::make_folder(const std::string& name) const {
  auto present = folder(name);
  if (present || present.error().code != ENOENT) return present;
  if (const int refused = gate("mkdir")) return Errno{refused};
  if (::mkdirat(descriptor_.get(), name.c_str(), 0755) == 0) {
    if (auto synced = sync(); !synced) return synced.error();
  } else if (errno != EEXIST) {
    return Errno{errno};
  }
  return folder(name);
}

Sys<Descriptor> Folder::open_file(const std::string& relative, bool writable) const {
  auto opened = open_at(relative, (writable ? O_RDWR : O_RDONLY) | O_NONBLOCK | O_NOCTTY);
  if (!opened) return opened.error();
  struct stat status;
  if (::fstat(opened->get(), &status) != 0) return Errno{errno};
  if (!S_ISREG(status.st_mode)) return Errno{EINVAL};
  return opened;
}

Sys<NewFile> Folder::create_file(const std::string& name) const {
  if (const int refused = gate("create")) return Errno{refused};
  Descriptor made(
      ::openat(descriptor_.get(), name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (made.get() < 0) return Errno{errno};
  return NewFile(std::move(made), rules_.gate);
}

Sys<std::string> Folder::read_file(const std::string& relative, std::size_t limit) const {
  auto file = open_file(relative);
  if (!file) return file.error();
  std::string bytes;
  char buffer[16384];
  for (;;) {
    const ssize_t count = ::read(file->get(), buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return Errno{errno};
    if (count == 0) return bytes;
    bytes.append(buffer, static_cast<std::size_t>(count));
    if (bytes.size() > limit) return Errno{EFBIG};
  }
}

Sys<void> Folder::write_file(const std::string& name, std::string_view bytes, mode_t mode) const {
  auto file = create_file(name);
  if (!file) return file.error();
  if (auto done = file->append(bytes); !done) return done;
  if (auto done = file->set_mode(mode); !done) return done;
  return file->sync();
}

Sys<struct stat> Folder::status() const {
  struct stat status;
  if (::fstat(descriptor_.get(), &status) != 0) return Errno{errno};
  return status;
}

Sys<struct stat> Folder::status(const std::string& name) const {
  struct stat status;
  if (::fstatat(descriptor_.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) return Errno{errno};
  return status;
}

Sys<std::string> Folder::link_target(const std::string& name) const {
  char buffer[4096];
  const ssize_t count = ::readlinkat(descriptor_.get(), name.c_str(), buffer, sizeof buffer);
  if (count < 0) return Errno{errno};
  return std::string(buffer, static_cast<std::size_t>(count));
}

Sys<std::vector<std::string>> Folder::names() const {
  // A second open file description, because a duplicated one would share the reading position.
  const int fd = ::openat(descriptor_.get(), ".", kFolderFlags | O_CLOEXEC);
  if (fd < 0) return Errno{errno};
  std::unique_ptr<DIR, CloseDir> dir(::fdopendir(fd));
  if (!dir) {
    const int code = errno;
    ::close(fd);
    return Errno{code};
  }
  std::vector<std::string> names;
  for (errno = 0; const dirent* entry = ::readdir(dir.get()); errno = 0) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  if (errno != 0) return Errno{errno};
  std::sort(names.begin(), names.end());
  return names;
}

Sys<void> Folder::writable() const { return checked(::faccessat(descriptor_.get(), ".", W_OK | X_OK, AT_EACCESS)); }

Sys<void> Folder::make_link(const std::string& target, const std::string& name) const {
  if (const int refused = gate("symlink")) return Errno{refused};
  return checked(::symlinkat(target.c_str(), descriptor_.get(), name.c_str()));
}

Sys<void> Folder::hard_link(const std::string& name, const Folder& to, const std::string& to_name) const {
  if (const int refused = gate("link")) return Errno{refused};
  return checked(::linkat(descriptor_.get(), name.c_str(), to.descriptor_.get(), to_name.c_str(), 0));
}

Sys<void> Folder::rename(const std::string& name, const Folder& to, const std::string& to_name) const {
  if (const int refused = gate("rename")) return Errno{refused};
  return checked(::renameat(descriptor_.get(), name.c_str(), to.descriptor_.get(), to_name.c_str()));
}

Sys<void> Folder::rename_if_absent(const std::string& name, const Folder& to, const std::string& to_name) const {
  if (const int refused = gate("rename_if_absent")) return Errno{refused};
  return checked(::syscall(SYS_renameat2, descriptor_.get(), name.c_str(), to.descriptor_.get(), to_name.c_str(),
                           RENAME_NOREPLACE));
}

Sys<void> Folder::exchange(const std::string& name, const Folder& with, const std::string& with_name) const {
  if (const int refused = gate("exchange")) return Errno{refused};
  return checked(::syscall(SYS_renameat2, descriptor_.get(), name.c_str(), with.descriptor_.get(), with_name.c_str(),
                           RENAME_EXCHANGE));
}

Sys<void> Folder::remove_file(const std::string& name) const {
  if (const int refused = gate("unlink")) return Errno{refused};
  return checked(::unlinkat(descriptor_.get(), name.c_str(), 0));
}

Sys<void> Folder::remove_folder(const std::string& name) const {
  if (const int refused = gate("rmdir")) return Errno{refused};
  return checked(::unlinkat(descriptor_.get(), name.c_str(), AT_REMOVEDIR));
}

Sys<void> Folder::set_mode(mode_t mode) const {
  if (const int refused = gate("chmod")) return Errno{refused};
  return checked(::fchmod(descriptor_.get(), mode));
}

Sys<void> Folder::set_mode(const std::string& name, mode_t mode) const {
  auto file = open_file(name);
  if (!file) return file.error();
  if (const int refused = gate("chmod")) return Errno{refused};
  return checked(::fchmod(file->get(), mode));
}

Sys<void> Folder::touch(long long seconds) const {
  if (const int refused = gate("touch")) return Errno{refused};
  const struct timespec times[2] = {{.tv_sec = 0, .tv_nsec = UTIME_OMIT}, {.tv_sec = seconds, .tv_nsec = 0}};
  return checked(::futimens(descriptor_.get(), times));
}

Sys<void> Folder::sync() const {
  if (const int refused = gate("fsync")) return Errno{refused};
  return checked(::fsync(descriptor_.get()));
}

Sys<void> Folder::sync_file(const Descriptor& file) const {
  if (const int refused = gate("fsync")) return Errno{refused};
  return checked(::fsync(file.get()));
}

}  // namespace atelier::stage
