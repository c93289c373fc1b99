#include "stage/exclusive.h"

#include <sys/file.h>
#include <time.h>

#include <cerrno>

namespace atelier::stage {
namespace {

// Where the storage knows neither (exFAT): those who lack the file look and rename one after the other.
Sys<void> rename_under_lock(const Storage& storage, const std::string& aside, const FilePlace& place,
                            std::chrono::milliseconds patience) {
  constexpr char kLock[] = ".lock";  // neither a workspace's name nor a hash
  if (auto made = place.folder.write_file(kLock, ""); !made && made.error().code != EEXIST) return made;
  auto file = place.folder.open_file(kLock, true);
  if (!file) return file.error();
  if (!lock(*file, patience)) return Errno{EEXIST};  // to be looked at again
  auto status = place.folder.status(place.name);
  if (status) return Errno{EEXIST};
  if (status.error().code != ENOENT) return status.error();
  return storage.tmp.rename(aside, place.folder, place.name);
}

// EEXIST if the race was lost. Storage without hard links may still have an exclusive rename.
Sys<void> link_exclusively(const Storage& storage, const std::string& aside, const FilePlace& place,
                           std::chrono::milliseconds patience) {
  auto done = storage.tmp.hard_link(aside, place.folder, place.name);
  if (done || done.error().code == EEXIST || done.error().code == ENOENT) return done;
  done = storage.tmp.rename_if_absent(aside, place.folder, place.name);
  const bool unknown =
      !done && (done.error().code == EINVAL || done.error().code == ENOSYS || done.error().code == EOPNOTSUPP);
  return unknown ? rename_under_lock(storage, aside, place, patience) : done;
}

}  // namespace

Sys<bool> create_exclusively(const Storage& storage, const FilePlace& place, const std::string& workspace,
                             std::string_view bytes, std::chrono::milliseconds patience) {
  const std::string aside = Storage::temporary(workspace, "claim");
  auto done = storage.tmp.write_file(aside, bytes);
  if (done) done = link_exclusively(storage, aside, place, patience);
  static_cast<void>(storage.tmp.remove_file(aside));  // a leftover is cleared by the next publisher
  if (done) return true;
  if (done.error().code == EEXIST || done.error().code == ENOENT) return false;
  return done.error();
}

bool lock(const Descriptor& file, std::chrono::milliseconds patience) {
  constexpr std::chrono::milliseconds kPause{50};
  while (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    if (errno != EWOULDBLOCK) return true;
    if (patience < kPause) return false;
    patience -= kPause;
    const struct timespec pause = {.tv_sec = 0, .tv_nsec = 50'000'000};
    ::nanosleep(&pause, nullptr);
  }
  return true;
}

}  // namespace atelier::stage
