#include "stage/beneath.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <cerrno>
#include <string_view>

namespace atelier::stage {
namespace {

bool is_plain(std::string_view path) {
  for (;;) {
    const auto slash = path.find('/');
    const auto name = path.substr(0, slash);
    if (name.empty() || name == "." || name == "..") return false;
    if (slash == std::string_view::npos) return true;
    path.remove_prefix(slash + 1);
  }
}

bool same_device(int one, int other) {
  struct stat a, b;
  return ::fstat(one, &a) == 0 && ::fstat(other, &b) == 0 && a.st_dev == b.st_dev;
}

Sys<Descriptor> open_by_component(int folder, std::string_view path, const Beneath& how) {
  Descriptor held(-1);
  int at = folder;
  for (;;) {
    const auto slash = path.find('/');
    const bool last = slash == std::string_view::npos;
    const std::string name(path.substr(0, slash));
    const int flags = (last ? how.flags : O_PATH | O_DIRECTORY) | O_NOFOLLOW | O_CLOEXEC;
    Descriptor next(::openat(at, name.c_str(), flags));
    if (next.get() < 0) return Errno{errno};
    if (how.one_device && !same_device(folder, next.get())) return Errno{EXDEV};
    if (last) return next;
    held = std::move(next);
    at = held.get();
    path.remove_prefix(slash + 1);
  }
}

}  // namespace

Sys<Descriptor> open_beneath(int folder, const std::string& relative, const Beneath& how) {
  if (!is_plain(relative)) return Errno{EXDEV};
  if (!how.by_component) {
    struct open_how request = {};
    request.flags = static_cast<unsigned>(how.flags | O_NOFOLLOW | O_CLOEXEC);
    request.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
    if (how.one_device) request.resolve |= RESOLVE_NO_XDEV;
    const long fd = ::syscall(SYS_openat2, folder, relative.c_str(), &request, sizeof request);
    if (fd >= 0) return Descriptor(static_cast<int>(fd));
    // Old kernels say ENOSYS, old seccomp profiles EPERM; a real EPERM comes back from the second attempt.
    if (errno != ENOSYS && errno != EPERM) return Errno{errno};
  }
  return open_by_component(folder, relative, how);
}

}  // namespace atelier::stage
