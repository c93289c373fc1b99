// An open folder and what may be done with the names in it. A name is always resolved in this very folder and never
// through a link, whatever someone puts there meanwhile.
#pragma once

#include <sys/stat.h>

#include <string>
#include <string_view>
#include <vector>

#include "stage/descriptor.h"
#include "stage/expected.h"
#include "stage/new_file.h"

namespace atelier::stage {

struct FolderRules {
  bool one_device = false;  // never enter what is mounted inside
  Gate gate = nullptr;
};

// Owns the descriptor. Folders opened from this one inherit its rules. Where a parameter is called `relative` it may
// be a path of plain names; a `name` is a single one.
class Folder {
 public:
  // `path` itself is trusted and may contain links.
  static Sys<Folder> open(const std::string& path, FolderRules rules = {});

  const std::string& path() const { return path_; }  // for messages only
  std::string path_of(std::string_view name) const { return path_ + "/" + std::string(name); }

  Sys<Folder> folder(const std::string& relative) const;
  // Creates it, 0755 within the umask, if it is missing; an existing one keeps its mode.
  Sys<Folder> make_folder(const std::string& name) const;

  // EINVAL if it is no regular file: opening never blocks on a FIFO nor touches a device.
  Sys<Descriptor> open_file(const std::string& relative, bool writable = false) const;
  Sys<NewFile> create_file(const std::string& name) const;
  Sys<std::string> read_file(const std::string& relative, std::size_t limit) const;  // EFBIG beyond the limit
  Sys<void> write_file(const std::string& name, std::string_view bytes, mode_t mode = 0644) const;  // new, on disk

  Sys<struct stat> status() const;
  Sys<struct stat> status(const std::string& name) const;  // of a link itself
  Sys<std::string> link_target(const std::string& name) const;
  Sys<std::vector<std::string>> names() const;  // sorted, without `.` and `..`
  Sys<void> writable() const;                   // EACCES or EROFS if entries cannot be created here

  Sys<void> make_link(const std::string& target, const std::string& name) const;
  Sys<void> hard_link(const std::string& name, const Folder& to, const std::string& to_name) const;
  Sys<void> rename(const std::string& name, const Folder& to, const std::string& to_name) const;
  Sys<void> rename_if_absent(const std::string& name, const Folder& to, const std::string& to_name) const;
  Sys<void> exchange(const std::string& name, const Folder& with, const std::string& with_name) const;
  Sys<void> remove_file(const std::string& name) const;
  Sys<void> remove_folder(const std::string& name) const;
  Sys<void> set_mode(mode_t mode) const;
  Sys<void> set_mode(const std::string& name, mode_t mode) const;  // of a regular file
  Sys<void> touch(long long seconds) const;                        // sets the folder's own modification time
  Sys<void> sync() const;
  Sys<void> sync_file(const Descriptor& file) const;

 private:
  Folder(Descriptor descriptor, std::string path, FolderRules rules)
      : descriptor_(std::move(descriptor)), path_(std::move(path)), rules_(rules) {}

  int gate(const char* operation) const { return rules_.gate ? rules_.gate(operation) : 0; }
  Sys<Descriptor> open_at(const std::string& relative, int flags) const;

  Descriptor descriptor_;
  std::string path_;
  FolderRules rules_;
};

}  // namespace atelier::stage
