#include "stage/live_link.h"

#include <time.h>

#include <cerrno>

#include "stage/refusals.h"
#include "stage/utf8.h"

namespace atelier::stage {
namespace {

std::string target_of(const std::string& workspace, const std::string& release) {
  return "../.atelier/releases/" + workspace + "/" + release;
}

std::string adopted_name(long long now) {
  const time_t seconds = static_cast<time_t>(now);
  struct tm utc = {};
  ::gmtime_r(&seconds, &utc);
  char text[40];
  ::strftime(text, sizeof text, "adopted-%Y%m%dT%H%M%SZ", &utc);
  return text;
}

Sys<void> put_link(const Storage& storage, const std::string& workspace, const std::string& release) {
  const std::string aside = Storage::temporary(workspace, "link");
  auto done = storage.tmp.make_link(target_of(workspace, release), aside);
  if (done) done = storage.tmp.rename(aside, storage.dags, workspace);
  return done;
}

void touch(const Folder& releases, const std::string& name, long long now) {
  if (auto folder = releases.folder(name)) static_cast<void>(folder->touch(now));
}

// For storage without RENAME_EXCHANGE; not atomic.
Sys<void> adopt_in_two_steps(const Storage& storage, const Folder& releases, const std::string& workspace,
                             const std::string& adopted, const std::string& release) {
  if (auto moved = storage.dags.rename(workspace, releases, adopted); !moved) return moved;
  auto linked = put_link(storage, workspace, release);
  if (!linked) static_cast<void>(releases.rename(adopted, storage.dags, workspace));
  return linked;
}

Sys<void> adopt(const Storage& storage, const Folder& releases, const std::string& workspace,
                const std::string& release, long long now) {
  std::string adopted = adopted_name(now);
  auto linked = releases.make_link(target_of(workspace, release), adopted);
  for (int suffix = 1; !linked && linked.error().code == EEXIST; ++suffix) {
    adopted = adopted_name(now) + "." + std::to_string(suffix);
    linked = releases.make_link(target_of(workspace, release), adopted);
  }
  if (!linked) return linked;
  auto done = storage.dags.exchange(workspace, releases, adopted);
  if (!done) {
    const int code = done.error().code;
    if (auto removed = releases.remove_file(adopted); !removed) return removed;
    if (code != EINVAL && code != ENOSYS && code != EOPNOTSUPP) return done;
    done = adopt_in_two_steps(storage, releases, workspace, adopted, release);
  }
  if (done) touch(releases, adopted, now);
  if (done) done = releases.sync();
  return done;
}

}  // namespace

Result<Live> read_live(const Storage& storage, const std::string& workspace) {
  const std::string path = storage.dags.path_of(workspace);
  auto status = storage.dags.status(workspace);
  if (!status && status.error().code == ENOENT) return Live{};
  if (!status) return Storage::failure(status.error(), "look at", path);
  if (S_ISDIR(status->st_mode)) return Live{Live::Kind::folder};
  if (!S_ISLNK(status->st_mode)) {
    const char* kind = special_kind(status->st_mode);
    return Failure{Reason::path_occupied, path + " " + (kind ? kind : "is a file") +
                                              ", not a link to a release. Move "
                                              "it away, and publish again."};
  }
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

Result<void> switch_live(const Storage& storage, const Folder& releases, const std::string& workspace, const Live& from,
                         const std::string& release, long long now) {
  if (from.kind == Live::Kind::release) touch(releases, from.release, now);
  auto done = from.kind == Live::Kind::folder ? adopt(storage, releases, workspace, release, now)
                                              : put_link(storage, workspace, release);
  if (done) done = storage.dags.sync();
  if (!done) return Storage::failure(done.error(), "switch", storage.dags.path_of(workspace));
  return {};
}

}  // namespace atelier::stage
