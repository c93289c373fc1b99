#include "stage/live_copy.h"

#include <cerrno>

#include "stage/json.h"
#include "stage/mirror.h"
#include "stage/release.h"
#include "stage/removal.h"
#include "stage/tree.h"

namespace atelier::stage {
namespace {

class Copying {
 public:
  Copying(const Storage& storage, const std::string& workspace, const Folder& live, const Folder& release,
          const Manifest& manifest)
      : storage_(storage), workspace_(workspace), live_(live), release_(release), manifest_(manifest) {}

  Result<void> run() {
    // What stands where a file or folder of another kind is needed has to go first, all else last.
    if (auto done = remove(Which::in_the_way); !done) return done;
    Mirror mirror(live_);
    for (const FileEntry& file : manifest_.files) {
      if (is_there(file)) continue;
      if (auto done = place(file, mirror); !done) return done;
    }
    if (auto done = remove(Which::not_of_the_release); !done) return done;
    return verify_release(live_, manifest_, Settle::yes);
  }

 private:
  enum class Which { in_the_way, not_of_the_release };

  Result<void> remove(Which which) {
    const auto visit = [&](const Visit& entry) -> Result<Next> {
      const bool folder = S_ISDIR(entry.status.st_mode);
      const bool as_file = manifest_.find(entry.path) != nullptr;
      const bool as_folder = manifest_.has_folder(entry.path);
      const bool wanted = folder ? as_folder : as_file && S_ISREG(entry.status.st_mode);
      if (wanted) return Next::go_on;
      if (which == Which::in_the_way && !as_file && !as_folder) return Next::skip;
      if (auto removed = remove_tree(entry.folder, entry.name); !removed) return removed.error();
      return Next::skip;
    };
    const auto explain = [&](Errno error, const std::string& path) {
      return Storage::failure(error, "look at", live_.path_of(path));
    };
    return walk(live_, {.visit = visit, .explain = explain});
  }

  bool is_there(const FileEntry& file) const {
    auto open = live_.open_file(file.path);
    if (!open) return false;
    struct stat status;
    if (::fstat(open->get(), &status) != 0 || status.st_nlink != 1) return false;
    auto content = read_content(*open);
    return content && *content == file.content;
  }

  Result<void> place(const FileEntry& file, Mirror& mirror) {
    const auto failed = [&](Errno error) { return Storage::failure(error, "write", live_.path_of(file.path)); };
    auto source = release_.open_file(file.path);
    if (!source) return Storage::failure(source.error(), "read", release_.path_of(file.path));
    const std::string aside = Storage::temporary(workspace_, "file");
    auto fresh = storage_.tmp.create_file(aside);
    if (!fresh) return failed(fresh.error());
    auto content = copy_content(*source, *fresh);
    if (!content) return failed(content.error().error);
    if (auto set = fresh->set_mode(file.executable ? 0755 : 0644); !set) return failed(set.error());
    if (auto synced = fresh->sync(); !synced) return failed(synced.error());
    auto folder = mirror.at(parent_of(file.path));
    if (!folder) return failed(folder.error());
    if (auto placed = storage_.tmp.rename(aside, **folder, name_in(file.path)); !placed) return failed(placed.error());
    return {};
  }

  const Storage& storage_;
  const std::string& workspace_;
  const Folder& live_;
  const Folder& release_;
  const Manifest& manifest_;
};

Result<void> note(const Storage& storage, const std::string& workspace, const std::string& release) {
  return storage.replace_file(workspace, storage.copies, workspace, R"({"release":)" + json_string(release) + "}\n");
}

Result<void> make_room(const Storage& storage, const std::string& workspace, const Live& from, const Candidate& to,
                       long long now) {
  const std::string path = storage.dags.path_of(workspace);
  if (from.kind == Live::Kind::release) {
    auto removed = storage.dags.remove_file(workspace);
    if (!removed) return Storage::failure(removed.error(), "replace the link", path);
  }
  if (from.kind != Live::Kind::folder) return {};
  const std::string adopted = adopted_name(to.releases, now);
  auto moved = storage.dags.rename(workspace, to.releases, adopted);
  if (moved) moved = to.releases.sync();
  if (!moved) return Storage::failure(moved.error(), "adopt", path);
  if (auto folder = to.releases.folder(adopted)) static_cast<void>(folder->touch(now));
  return {};
}

}  // namespace

Result<void> copy_live(const Storage& storage, const std::string& workspace, const Live& from, const Candidate& to,
                       long long now) {
  if (auto room = make_room(storage, workspace, from, to, now); !room) return room;
  // Noted before there is a folder: one without a note would be taken for somebody else's.
  if (auto begun = note(storage, workspace, ""); !begun) return begun;
  auto live = storage.dags.make_folder(workspace);
  if (!live) return Storage::folder_failure(live.error(), storage.dags, workspace);
  auto release = to.releases.folder(to.name);
  if (!release) return Storage::failure(release.error(), "open", to.releases.path_of(to.name));
  if (auto done = Copying(storage, workspace, *live, *release, to.manifest).run(); !done) return done;
  if (auto synced = storage.dags.sync(); !synced) {
    return Storage::failure(synced.error(), "write", storage.dags.path_of(workspace));
  }
  return note(storage, workspace, to.name);
}

Result<std::optional<std::string>> copied_release(const Storage& storage, const std::string& workspace) {
  auto text = storage.copies.read_file(workspace, 4096);
  if (!text && text.error().code == ENOENT) return std::optional<std::string>();
  if (!text) return Storage::failure(text.error(), "read", storage.copies.path_of(workspace));
  const auto json = Json::parse(*text);
  std::string release = json ? json->string_at("release").value_or("") : "";
  if (release.find('/') != std::string::npos || release == "." || release == "..") release.clear();
  return std::optional(std::move(release));
}

Result<void> remove_copy(const Storage& storage, const std::string& workspace) {
  if (auto removed = remove_tree(storage.dags, workspace); !removed) return removed;
  if (auto synced = storage.dags.sync(); !synced) {
    return Storage::failure(synced.error(), "remove", storage.dags.path_of(workspace));
  }
  return forget_copy(storage, workspace);
}

Result<void> forget_copy(const Storage& storage, const std::string& workspace) {
  return remove_tree(storage.copies, workspace);
}

}  // namespace atelier::stage
