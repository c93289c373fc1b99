// Starts a program: posix_spawn with what a child must not inherit taken away.
#pragma once

#include <sys/types.h>

#include <string>
#include <utility>
#include <vector>

namespace atelier::http {

// An open descriptor; closed with it.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor();

  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_ = -1;
};

// A program that was started, in a process group of its own that has its id.
struct Spawned {
  int error = 0;  // of the system; ENOENT: there is no such program. The rest is empty then.
  pid_t pid = -1;
  Descriptor exit;         // readable when it has ended
  Descriptor output;       // the reading ends of its standard output
  Descriptor diagnostics;  // and of its standard error
};

// `env` is put on top of this process's environment. Standard input is empty; no other descriptor is inherited, no
// signal is blocked or ignored.
Spawned spawn(const std::vector<std::string>& argv, const std::vector<std::pair<std::string, std::string>>& env);

}  // namespace atelier::http
