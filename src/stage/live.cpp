#include "stage/live.h"

#include <time.h>

#include <cerrno>

#include "stage/live_copy.h"
#include "stage/refusals.h"
#include "stage/utf8.h"

namespace atelier::stage {
namespace {

std::string target_of(const std::string& workspace, const std::string& release) {
  return "../.atelier/releases/" + workspace + "/" + release;
}

// exFAT by FUSE, SMB and FAT, in this order.
bool says_no_links(int code) { return code == ENOSYS || code == EOPNOTSUPP || code == EPERM; }

// EOPNOTSUPP where the storage knows no links: what else a rename may say is about the rename.
Sys<void> make_link(const Folder& folder, const std::string& target, const std::string& name) {
  auto made = folder.make_link(target, name);
  if (!made && says_no_links(made.error().code)) return Errno{EOPNOTSUPP};
  return made;
}

Sys<void> put_link(const Storage& storage, const std::string& workspace, const std::string& release) {
  const std::string aside = Storage::temporary(workspace, "link");
  auto done = make_link(storage.tmp, target_of(workspace, release), aside);
  if (done) done = storage.tmp.rename(aside, storage.dags, workspace);
  return done;
}

void touch(const Folder& releases, const std::string& name, long long now) {
  if (auto folder = releases.folder(name)) static_cast<void>(folder->touch(now));
}

// For storage without RENAME_EXCHANGE; not atomic.
Sys<void> adopt_in_two_steps(const Storage& storage, const std::string& workspace, const std::string& adopted,
                             const Candidate& to) {
  if (auto moved = storage.dags.rename(workspace, to.releases, adopted); !moved) return moved;
  auto linked = put_link(storage, workspace, to.name);
  if (!linked) static_cast<void>(to.releases.rename(adopted, storage.dags, workspace));
  return linked;
}

Sys<void> adopt(const Storage& storage, const std::string& workspace, const Candidate& to, long long now) {
  const std::string adopted = adopted_name(to.releases, now);
  if (auto linked = make_link(to.releases, target_of(workspace, to.name), adopted); !linked) return linked;
  auto done = storage.dags.exchange(workspace, to.releases, adopted);
  if (!done) {
    const int code = done.error().code;
    if (auto removed = to.releases.remove_file(adopted); !removed) return removed;
    if (code != EINVAL && code != ENOSYS && code != EOPNOTSUPP) return done;
    done = adopt_in_two_steps(storage, workspace, adopted, to);
  }
  if (done) touch(to.releases, adopted, now);
  if (done) done = to.releases.sync();
  return done;
}

Failure not_a_link(const Storage& storage, const std::string& workspace, mode_t mode) {
  const char* kind = special_kind(mode);
  return {Reason::path_occupied, storage.dags.path_of(workspace) + " " + (kind ? kind : "is a file") +
                                     ", not a link to a release. Move it away, and publish again."};
}

}  // namespace

std::string adopted_name(const Folder& releases, long long now) {
  const time_t seconds = static_cast<time_t>(now);
  struct tm utc = {};
  ::gmtime_r(&seconds, &utc);
  char text[40];
  ::strftime(text, sizeof text, "adopted-%Y%m%dT%H%M%SZ", &utc);
  std::string name = text;
  for (int suffix = 1; releases.status(name); ++suffix) name = std::string(text) + "." + std::to_string(suffix);
  return name;
}

Result<Live> read_live(const Storage& storage, const std::string& workspace) {
  const std::string path = storage.dags.path_of(workspace);
  auto status = storage.dags.status(workspace);
  if (!status && status.error().code == ENOENT) return Live{};
  if (!status) return Storage::failure(status.error(), "look at", path);
  if (S_ISDIR(status->st_mode)) {
    auto copied = copied_release(storage, workspace);
    if (!copied) return copied.error();
    return *copied ? Live{Live::Kind::copy, std::move(**copied)} : Live{Live::Kind::folder};
  }
  if (!S_ISLNK(status->st_mode)) return not_a_link(storage, workspace, status->st_mode);
  auto target = storage.dags.link_target(workspace);
  if (!target) return Storage::failure(target.error(), "read the link", path);
  const std::string ours = target_of(workspace, "");
  const std::string release = target->starts_with(ours) ? target->substr(ours.size()) : "";
  if (release.empty() || release == "." || release == ".." || release.find('/') != std::string::npos) {
    return Failure{Reason::path_occupied, path + " is a link to " + printable(*target) +
                                              ", which Atelier did not make. "
                                              "Remove the link, and publish again."};
  }
  return Live{Live::Kind::release, release};
}

Result<Switched> switch_live(const Storage& storage, const std::string& workspace, const Live& from,
                             const Candidate& to, long long now) {
  if (!from.release.empty() && from.release != to.name) touch(to.releases, from.release, now);
  const bool is_folder = from.kind == Live::Kind::folder || from.kind == Live::Kind::copy;
  auto done = is_folder ? adopt(storage, workspace, to, now) : put_link(storage, workspace, to.name);
  if (!done && done.error().code == EOPNOTSUPP) {
    if (auto copied = copy_live(storage, workspace, from, to, now); !copied) return copied.error();
    return Switched::file_by_file;
  }
  if (done) done = storage.dags.sync();
  if (!done) return Storage::failure(done.error(), "switch", storage.dags.path_of(workspace));
  if (from.kind == Live::Kind::copy) {
    if (auto forgotten = forget_copy(storage, workspace); !forgotten) return forgotten.error();
  }
  return Switched::at_once;
}

}  // namespace atelier::stage
