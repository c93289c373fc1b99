#include "http/spawn.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <map>
#include <string_view>

namespace atelier::http {
namespace {

// The program that a shell would find; an empty path with the reason in `error`.
std::string found(const std::string& name, int& error) {
  if (name.find('/') != std::string::npos) return name;
  error = ENOENT;
  const char* list = std::getenv("PATH");
  std::string_view rest = list == nullptr ? std::string_view{} : list;
  while (!rest.empty()) {
    const std::size_t colon = std::min(rest.find(':'), rest.size());
    const std::string path = std::string(rest.substr(0, colon)) + "/" + name;
    rest.remove_prefix(std::min(colon + 1, rest.size()));
    struct stat status{};
    if (!path.starts_with('/') || stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) continue;
    if (access(path.c_str(), X_OK) == 0) return path;
    error = EACCES;
  }
  return {};
}

std::vector<std::string> environment(const std::vector<std::pair<std::string, std::string>>& more) {
  std::map<std::string, std::string> all;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view line = *entry;
    const std::size_t equals = line.find('=');
    if (equals != std::string_view::npos) all.emplace(line.substr(0, equals), line.substr(equals + 1));
  }
  for (const auto& [name, value] : more) all.insert_or_assign(name, value);
  std::vector<std::string> lines;
  lines.reserve(all.size());
  for (const auto& [name, value] : all) lines.push_back(name + "=" + value);
  return lines;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> all;
  all.reserve(texts.size() + 1);
  for (std::string& text : texts) all.push_back(text.data());
  all.push_back(nullptr);
  return all;
}

int open_pipe(Descriptor& read, Descriptor& write) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return errno;
  read = Descriptor{ends[0]};
  write = Descriptor{ends[1]};
  return 0;
}

int start(const std::string& path, std::vector<std::string> argv, std::vector<std::string> env, int out, int err,
          pid_t& pid) {
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&files, err, STDERR_FILENO);
  posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigset_t all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  const int error = posix_spawn(&pid, path.c_str(), &files, &attributes, pointers(argv).data(), pointers(env).data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  return error;
}

}  // namespace

Descriptor::~Descriptor() {
  if (fd_ >= 0) close(fd_);
}

Spawned spawn(const std::vector<std::string>& argv, const std::vector<std::pair<std::string, std::string>>& env) {
  Spawned spawned;
  Descriptor out;
  Descriptor err;
  const std::string path = found(argv[0], spawned.error);
  if (path.empty()) return spawned;
  spawned.error = open_pipe(spawned.output, out);
  if (spawned.error == 0) spawned.error = open_pipe(spawned.diagnostics, err);
  if (spawned.error == 0) spawned.error = start(path, argv, environment(env), out.get(), err.get(), spawned.pid);
  if (spawned.error != 0) return Spawned{spawned.error, -1, {}, {}, {}};
  spawned.exit = Descriptor{static_cast<int>(syscall(SYS_pidfd_open, spawned.pid, 0))};
  if (spawned.exit.get() >= 0) return spawned;
  const int error = errno;  // no descriptor is left, or the kernel is older than 5.3
  kill(-spawned.pid, SIGKILL);
  waitpid(spawned.pid, nullptr, 0);
  return Spawned{error, -1, {}, {}, {}};
}

}  // namespace atelier::http
