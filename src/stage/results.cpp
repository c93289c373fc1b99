#include "stage/results.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "stage/refusals.h"
#include "stage/source.h"
#include "stage/utf8.h"

namespace atelier::stage {
namespace {

constexpr int kFlags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;  // no FIFO of the task's holds this program up

Failure unreadable(const std::string& what) {
  return {Reason::results_unreadable, what + " (running as " + running_as() +
                                          "). Write the results in place, into the file that $ATELIER_RESULTS names, "
                                          "or make the file readable for every user."};
}

Failure not_opened(const std::string& path, Errno error) {
  struct stat status{};
  const char* kind = ::lstat(path.c_str(), &status) == 0 ? special_kind(status.st_mode) : nullptr;
  if (kind) return unreadable(printable(path) + " " + kind);
  return unreadable("cannot open " + printable(path) + ": " + std::strerror(error.code));
}

// At most one byte more than there may be: the task has ended, but what it left may have any size.
Sys<std::string> read_up_to_limit(const Descriptor& file) {
  std::string content(kMostResultBytes + 1, '\0');
  std::size_t size = 0;
  while (size < content.size()) {
    const ssize_t count = ::pread(file.get(), content.data() + size, content.size() - size, static_cast<off_t>(size));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return Errno{errno};
    if (count == 0) break;
    size += static_cast<std::size_t>(count);
  }
  content.resize(size);
  return content;
}

Result<std::string> results_in(const Descriptor& file, const std::string& path) {
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) return not_opened(path, Errno{errno});
  if (!S_ISREG(status.st_mode)) {
    const char* kind = special_kind(status.st_mode);
    return unreadable(printable(path) + " " + (kind ? kind : "is a folder"));
  }
  auto content = read_up_to_limit(file);
  if (!content) return unreadable("cannot read " + printable(path) + ": " + std::strerror(content.error().code));
  if (content->empty()) {
    return Failure{Reason::results_missing,
                   "the task declares results and wrote none; write one JSON object to the file that $ATELIER_RESULTS "
                   "names"};
  }
  if (content->size() > kMostResultBytes) {
    return Failure{Reason::results_too_large, "the results have more than " + std::to_string(kMostResultBytes) +
                                                  " bytes; pass a reference to stored data instead"};
  }
  if (!is_utf8(*content)) {
    return Failure{Reason::results_invalid,
                   "the content of $ATELIER_RESULTS is not UTF-8; write one JSON object in UTF-8"};
  }
  return std::move(*content);
}

}  // namespace

ResultsFile::ResultsFile(std::string path)
    : path_(std::move(path)), first_(::open(path_.c_str(), kFlags | O_CREAT, 0666)) {
  struct stat status{};
  // Another user's keeps its mode: the task was first and can write it.
  if (first_.get() >= 0 && ::fstat(first_.get(), &status) == 0 && S_ISREG(status.st_mode)) {
    static_cast<void>(::fchmod(first_.get(), 0666));
  }
}

Result<std::string> ResultsFile::read() const {
  const Descriptor now(::open(path_.c_str(), kFlags));
  if (now.get() >= 0) return results_in(now, path_);
  if (errno == ENOENT && first_.get() >= 0) return results_in(first_, path_);
  return not_opened(path_, Errno{errno});
}

Result<std::string> hand_on(const std::string& path) {
  sigset_t ends;
  ::sigemptyset(&ends);
  ::sigaddset(&ends, SIGTERM);
  ::sigaddset(&ends, SIGINT);
  // First of all: the first process of a container does not even get a signal that it neither handles nor blocks.
  ::sigprocmask(SIG_BLOCK, &ends, nullptr);
  const ResultsFile file(path);
  int signal = 0;
  ::sigwait(&ends, &signal);
  return file.read();
}

}  // namespace atelier::stage
