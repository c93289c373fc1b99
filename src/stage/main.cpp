// atelier-stage: the steps of a publish pod, and the sidecar of a task with large results. See command.cpp for the
// command line and outcome.h for what it answers.
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>

#include <cerrno>
#include <string>
#include <string_view>
#include <vector>

#include "stage/command.h"
#include "stage/descriptor.h"

namespace {

void write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

// The kubelet provides the default file; outside a pod nobody wants one to appear in /dev.
void write_result(const std::string& path, const std::string& json) {
  const int create = path == atelier::stage::kDefaultResultPath ? 0 : O_CREAT;
  const atelier::stage::Descriptor file(::open(path.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC | create, 0644));
  if (file.get() >= 0) write_all(file.get(), json);
}

}  // namespace

int main(int argc, char** argv) {
  ::umask(022);  // folders are made 0755: Airflow reads them under its own id
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.size() == 1 && (words[0] == "--help" || words[0] == "--version")) {
    write_all(STDOUT_FILENO, words[0] == "--help" ? atelier::stage::kHelp : "atelier-stage " ATELIER_VERSION "\n");
    return 0;
  }
  const auto outcome = atelier::stage::run_command(words, static_cast<long long>(::time(nullptr)));
  // Who finds the result finds the whole output, even if this program is killed here.
  write_all(STDOUT_FILENO, outcome.output());
  write_result(atelier::stage::result_path(words), outcome.json());
  if (!outcome.ok()) {
    const auto& failure = outcome.failure();
    write_all(STDERR_FILENO, std::string(atelier::stage::name_of(failure.reason)) + ": " + failure.message + "\n");
  }
  return outcome.exit_code();
}
