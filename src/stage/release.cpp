#include "stage/release.h"

#include <cerrno>

#include "stage/check.h"
#include "stage/mirror.h"
#include "stage/removal.h"
#include "stage/source.h"
#include "stage/tree.h"
#include "stage/utf8.h"

namespace atelier::stage {
namespace {

Failure defect(const Folder& release, const std::string& path, const char* what) {
  return {Reason::storage_failed, release.path_of(printable(path)) + " " + what +
                                      ". The storage does not keep what "
                                      "was written to it; what was live stays live."};
}

// Python writes it beside what it imports, where it may: no content of a release, and no damage.
bool is_bytecode(const Visit& entry, const Manifest& manifest) {
  return entry.name == "__pycache__" && !manifest.has_folder(entry.path);
}

class Verification {
 public:
  Verification(const Folder& release, const Manifest& manifest, Settle settle)
      : release_(release), manifest_(manifest), settle_(settle) {}

  Result<void> run() {
    const auto explain = [this](Errno error, const std::string& path) { return unreadable(error, path); };
    const auto visit = [this](const Visit& entry) { return look(entry); };
    const auto leave = [this](const Folder& folder) -> Result<void> {
      mend_folder(folder);
      if (settle_ == Settle::no) return {};
      if (auto synced = folder.sync(); !synced) return Storage::failure(synced.error(), "write", folder.path());
      return {};
    };
    auto walked = walk(release_, {.visit = visit, .leave = leave, .explain = explain});
    if (walked && found_ != manifest_.files.size()) return defect(release_, "", "lacks files");
    return walked;
  }

 private:
  Result<Next> look(const Visit& entry) {
    if (S_ISDIR(entry.status.st_mode)) return is_bytecode(entry, manifest_) ? Next::skip : Next::go_on;
    const FileEntry* expected = manifest_.find(entry.path);
    if (!expected || !S_ISREG(entry.status.st_mode)) return defect(release_, entry.path, "does not belong there");
    if (entry.status.st_nlink != 1) return defect(release_, entry.path, "has a second name");
    auto file = entry.folder.open_file(entry.name);
    if (!file) return unreadable(file.error(), entry.path);
    auto content = read_content(*file);
    if (!content) return unreadable(content.error(), entry.path);
    if (*content != expected->content) return defect(release_, entry.path, "has other content");
    const mode_t mode = expected->executable ? 0755 : 0644;
    if ((entry.status.st_mode & 07777) != mode) static_cast<void>(entry.folder.set_mode(entry.name, mode));
    if (settle_ == Settle::yes) {
      if (auto synced = entry.folder.sync_file(*file); !synced) {
        return Storage::failure(synced.error(), "write", release_.path_of(entry.path));
      }
    }
    ++found_;
    return Next::go_on;
  }

  // Mending is a courtesy: storage with forced permissions (SMB) refuses it and is fine.
  static void mend_folder(const Folder& folder) {
    auto status = folder.status();
    if (status && (status->st_mode & 0755) != 0755)
      static_cast<void>(folder.set_mode((status->st_mode & 07777) | 0755));
  }

  Failure unreadable(Errno error, const std::string& path) const {
    return Storage::failure(error, "read back", path.empty() ? release_.path() : release_.path_of(path));
  }

  const Folder& release_;
  const Manifest& manifest_;
  Settle settle_;
  std::size_t found_ = 0;
};

// The tree must hold the manifest's files and no others.
Result<void> same_files(const Folder& tree, const Manifest& manifest) {
  auto paths = list_publishable(tree, kNoLimits);
  if (!paths) return staging_changed(paths.error().message);
  for (const std::string& path : *paths) {
    if (!manifest.find(path)) return staging_changed(printable(path) + " appeared");
  }
  if (paths->size() != manifest.files.size()) return staging_changed("files disappeared");
  return {};
}

Result<void> copy_file(const Folder& tree, const FileEntry& entry, Mirror& mirror, const Folder& copy) {
  auto source = tree.open_file(entry.path);
  if (!source) return staging_changed(source_failure(source.error(), tree.path_of(entry.path)).message);
  struct stat status;
  if (::fstat(source->get(), &status) != 0) return source_failure(Errno{errno}, tree.path_of(entry.path));
  const auto failed = [&](Errno error) { return Storage::failure(error, "write", copy.path_of(entry.path)); };
  auto folder = mirror.at(parent_of(entry.path));
  if (!folder) return failed(folder.error());
  auto file = (*folder)->create_file(name_in(entry.path));
  if (!file) return failed(file.error());
  auto content = copy_content(*source, *file);
  if (!content && content.error().reading) return source_failure(content.error().error, tree.path_of(entry.path));
  if (!content) return failed(content.error().error);
  if (*content != entry.content || ((status.st_mode & 0111) != 0) != entry.executable) {
    return staging_changed(printable(entry.path) + " was modified");
  }
  if (auto set = file->set_mode(entry.executable ? 0755 : 0644); !set) return failed(set.error());
  return {};
}

bool is_release_of(const std::string& name, const std::string& id) {
  return name.starts_with(id) && (name.size() == id.size() || name[id.size()] == '.');
}

}  // namespace

Failure staging_changed(const std::string& what) {
  return {Reason::staging_changed, "the staging area is not what was checked: " + what +
                                       ". Publish again; if it stays, "
                                       "look for a container that writes there in the background."};
}

Result<void> verify_release(const Folder& release, const Manifest& manifest, Settle settle) {
  return Verification(release, manifest, settle).run();
}

bool ReleaseShelf::sound(const std::string& name, const Manifest& manifest) const {
  auto release = releases_.folder(name);
  return release && verify_release(*release, manifest, Settle::no);
}

Result<std::string> ReleaseShelf::provide(const std::string& tree, const Manifest& manifest, const std::string& live) {
  if (is_release_of(live, manifest.release) && sound(live, manifest)) return live;
  auto names = releases_.names();
  if (!names) return Storage::failure(names.error(), "list", releases_.path());
  for (const std::string& name : *names) {
    if (is_release_of(name, manifest.release) && sound(name, manifest)) return name;
  }
  const std::string aside = Storage::temporary(workspace_, "copy");
  auto copy = storage_.tmp.make_folder(aside);
  if (!copy) return Storage::failure(copy.error(), "write", storage_.tmp.path_of(aside));
  auto filled = fill(*copy, tree, manifest);
  if (filled) filled = verify_release(*copy, manifest, Settle::yes);
  if (!filled) {
    static_cast<void>(remove_tree(storage_.tmp, aside));  // frees a full disk; else the next publisher does it
    return filled.error();
  }
  return place(aside, manifest.release, live);
}

Result<void> ReleaseShelf::fill(const Folder& copy, const std::string& tree, const Manifest& manifest) const {
  auto source = Folder::open(tree);
  if (!source) return staging_changed(source_failure(source.error(), tree).message);
  if (auto same = same_files(*source, manifest); !same) return same;
  Mirror mirror(copy);
  for (const FileEntry& entry : manifest.files) {
    if (auto done = copy_file(*source, entry, mirror, copy); !done) return done;
  }
  return {};
}

Result<std::string> ReleaseShelf::place(const std::string& copy, const std::string& id, const std::string& live) const {
  std::string name = id;
  for (int suffix = 1; name == live || (suffix > 1 && releases_.status(name)); ++suffix) {
    name = id + "." + std::to_string(suffix);
  }
  const auto failed = [&](Errno error) { return Storage::failure(error, "place", releases_.path_of(name)); };
  if (releases_.status(name)) {
    // Damaged, but not live: nobody is promised anything of it.
    auto moved = releases_.rename(name, storage_.tmp, Storage::temporary(workspace_, "damaged"));
    if (!moved) return failed(moved.error());
  }
  if (auto placed = storage_.tmp.rename(copy, releases_, name); !placed) return failed(placed.error());
  if (auto synced = releases_.sync(); !synced) return failed(synced.error());
  return name;
}

}  // namespace atelier::stage
