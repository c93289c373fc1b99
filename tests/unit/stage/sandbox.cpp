#include "unit/stage/sandbox.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "stage/json.h"

namespace atelier::stage::test {

namespace {

// In memory where that can be: a crash is the end of a process here, so waiting for a disk proves nothing.
fs::path place_of_tests() {
  const fs::path memory = "/dev/shm";
  return std::getenv("TMPDIR") == nullptr && fs::exists(memory) ? memory : fs::temp_directory_path();
}

}  // namespace

TempFolder::TempFolder() {
  std::string name = place_of_tests() / "atelier-stage-XXXXXX";
  if (!::mkdtemp(name.data())) throw std::runtime_error("mkdtemp");
  path_ = name;
  fs::permissions(path_, fs::perms(0755));
}

TempFolder::~TempFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
  EXPECT_FALSE(fs::exists(path_)) << "a test leaves this behind";
}

Tmpfs::Tmpfs(const fs::path& at, const std::string& options) : path_(at) {
  fs::create_directories(at);
  if (::mount("none", at.c_str(), "tmpfs", 0, options.c_str()) != 0) throw std::runtime_error("mount: run as root");
  root_ = ::open(at.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
}

// By its descriptor: what is tested may have moved a folder above it.
Tmpfs::~Tmpfs() {
  EXPECT_EQ(::umount2(("/proc/self/fd/" + std::to_string(root_)).c_str(), MNT_DETACH), 0);
  ::close(root_);
}

void Tmpfs::make_read_only() const {
  if (::mount("none", path_.c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr) != 0)
    throw std::runtime_error("remount");
}

namespace {

std::string output_of(const std::string& command) {
  std::string out;
  FILE* pipe = ::popen((command + " 2>&1").c_str(), "re");
  if (pipe == nullptr) throw std::runtime_error("popen");
  char buffer[256];
  while (std::fgets(buffer, sizeof buffer, pipe) != nullptr) out += buffer;
  if (::pclose(pipe) != 0) throw std::runtime_error(command + ": " + out);
  return out;
}

}  // namespace

Exfat::Exfat(const fs::path& at) : path_(at) {
  const std::string image = folder_ / "image";
  write(image, "");
  fs::resize_file(image, 16 << 20);
  device_ = output_of("losetup --find --show " + image);
  device_.pop_back();
  fs::create_directories(at);
  output_of("mkfs.exfat " + device_);
  output_of("mount.exfat-fuse " + device_ + " " + at.string());
}

Exfat::~Exfat() {
  EXPECT_NO_THROW(output_of("umount " + path_.string()));
  EXPECT_NO_THROW(output_of("losetup --detach " + device_));
}

void write(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
  if (fs::file_size(path) != text.size()) throw std::runtime_error("cannot write " + path.string());
}

std::string read(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

void write_all(const fs::path& folder, const Files& files) {
  fs::create_directories(folder);
  for (const auto& [path, text] : files) write(folder / path, text);
}

Files files_in(const fs::path& folder) {
  Files files;
  if (!fs::exists(folder)) return files;
  for (const auto& entry : fs::recursive_directory_iterator(fs::canonical(folder))) {
    if (entry.is_regular_file() && !entry.is_symlink()) {
      files[fs::relative(entry.path(), fs::canonical(folder))] = read(entry.path());
    }
  }
  return files;
}

std::string as_user(unsigned uid, const std::function<std::string()>& body) {
  int ends[2];
  if (::pipe(ends) != 0) throw std::runtime_error("pipe");
  const pid_t child = ::fork();
  if (child == 0) {
    if (::setresgid(uid, uid, uid) != 0 || ::setresuid(uid, uid, uid) != 0) ::_exit(1);
    const std::string text = body();
    ::_exit(::write(ends[1], text.data(), text.size()) < 0 ? 1 : 0);
  }
  ::close(ends[1]);
  std::string text;
  char buffer[4096];
  for (ssize_t count = 0; (count = ::read(ends[0], buffer, sizeof buffer)) > 0;) {
    text.append(buffer, static_cast<std::size_t>(count));
  }
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  return text;
}

int in_child(const std::function<int()>& body) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(body());
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

Domain::Domain() { fs::create_directories(storage()); }

PublishRequest Domain::staged(const Files& files, std::uint64_t sequence) {
  const fs::path staging = folder_ / ("staging" + std::to_string(++staged_));
  write_all(staging / "tree", files);
  auto manifest = check({.tree = staging / "tree", .manifest = staging / "manifest.json"});
  EXPECT_EQ(reason_of(manifest), "ok") << message_of(manifest);
  return {.tree = staging / "tree",
          .manifest = staging / "manifest.json",
          .storage = storage(),
          .holder = {.uid = "uid-1", .namespace_name = "team-a", .name = "ws", .data_domain = "dd01"},
          .sequence = sequence,
          .now = kNow,
          .patience = std::chrono::milliseconds(0)};
}

Result<Published> Domain::publish(const Files& files, std::uint64_t sequence) {
  return stage::publish(staged(files, sequence));
}

std::set<std::string> Domain::claimed_ids() const {
  std::set<std::string> ids;
  for (const auto& [name, text] : files_in(storage() / ".atelier/dag-ids")) {
    if (name.starts_with('.')) continue;
    const auto json = Json::parse(text);
    ids.insert(json ? json->string_at("dagId").value_or("?") : "?");
  }
  return ids;
}

}  // namespace atelier::stage::test
