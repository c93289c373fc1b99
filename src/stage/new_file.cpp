#include "stage/new_file.h"

#include <sys/stat.h>

#include <cerrno>

namespace atelier::stage {
namespace {

Sys<void> checked(int outcome) {
  if (outcome != 0) return Errno{errno};
  return {};
}

}  // namespace

Sys<void> NewFile::append(std::string_view bytes) {
  while (!bytes.empty()) {
    if (const int refused = gate_ ? gate_("write") : 0) return Errno{refused};
    const ssize_t written = ::write(descriptor_.get(), bytes.data(), bytes.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return Errno{errno};
    }
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Sys<void> NewFile::set_mode(mode_t mode) {
  if (const int refused = gate_ ? gate_("chmod") : 0) return Errno{refused};
  return checked(::fchmod(descriptor_.get(), mode));
}

Sys<void> NewFile::sync() {
  if (const int refused = gate_ ? gate_("fsync") : 0) return Errno{refused};
  return checked(::fsync(descriptor_.get()));
}

}  // namespace atelier::stage
