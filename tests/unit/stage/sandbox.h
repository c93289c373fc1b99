// Real folders for the tests of the stage, and short words for what they ask most. The tests run as root.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <string>

#include "stage/check.h"
#include "stage/publish.h"

namespace atelier::stage {

// "ok" or the reason.
template <class T>
std::string reason_of(const Result<T>& result) {
  return result ? "ok" : std::string(name_of(result.error().reason));
}
template <class T>
std::string message_of(const Result<T>& result) {
  return result ? "" : result.error().message;
}

}  // namespace atelier::stage

namespace atelier::stage::test {

namespace fs = std::filesystem;

class TempFolder {
 public:
  TempFolder();
  ~TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  fs::path operator/(const std::string& path) const { return path_ / path; }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

// A small file system of its own, mounted on a new folder.
class Tmpfs {
 public:
  Tmpfs(const fs::path& at, const std::string& options);
  ~Tmpfs();
  Tmpfs(const Tmpfs&) = delete;
  Tmpfs& operator=(const Tmpfs&) = delete;

  void make_read_only() const;

 private:
  fs::path path_;
  int root_;
};

// A small exFAT volume, mounted on a new folder: it knows no links, owners, permissions or exclusive renames.
class Exfat {
 public:
  explicit Exfat(const fs::path& at);
  ~Exfat();
  Exfat(const Exfat&) = delete;
  Exfat& operator=(const Exfat&) = delete;

 private:
  TempFolder folder_;
  fs::path path_;
  std::string device_;
};

void write(const fs::path& path, const std::string& text);
std::string read(const fs::path& path);

using Files = std::map<std::string, std::string>;  // relative path to content

void write_all(const fs::path& folder, const Files& files);
Files files_in(const fs::path& folder);  // regular files only

// Runs `body` in a child process with these ids, and returns what it returned.
std::string as_user(unsigned uid, const std::function<std::string()>& body);
// Runs `body` in a child process, which a gate may end; returns its exit code, or -1 if it died.
int in_child(const std::function<int()>& body);

constexpr long long kNow = 1'800'000'000;
constexpr char kAdopted[] = "adopted-20270115T080000Z";  // kNow as the name of an adopted folder

// A domain's storage and a workspace `ws` of namespace `team-a` that publishes to it.
class Domain {
 public:
  Domain();

  // Stages and checks these files; returns the request that would publish them.
  PublishRequest staged(const Files& files, std::uint64_t sequence = 1);
  Result<Published> publish(const Files& files, std::uint64_t sequence = 1);

  fs::path storage() const { return folder_ / "storage"; }
  fs::path live() const { return storage() / "dags/ws"; }
  fs::path releases() const { return storage() / ".atelier/releases/ws"; }
  fs::path outside() const { return folder_ / "outside"; }  // where a planted link points
  Files live_files() const { return files_in(live()); }
  std::set<std::string> claimed_ids() const;

 private:
  TempFolder folder_;
  int staged_ = 0;
};

}  // namespace atelier::stage::test
