// Step `results`: hands on what a task writes into a file. It runs as a sidecar beside the task's container, which the
// kubelet ends by SIGTERM when that container has ended (Kubernetes' KEP-753).
#pragma once

#include <cstddef>
#include <string>

#include "stage/descriptor.h"
#include "stage/outcome.h"

namespace atelier::stage {

inline constexpr std::size_t kMostResultBytes = 262'144;  // as api::kLargestResults

class ResultsFile {
 public:
  // Makes the file, which every user may write, whatever the umask. One that is there keeps its content: the task can
  // be first, and the kubelet starts a sidecar again. A failure is left to `read`, since a sidecar that ends is started
  // again, and nobody reads what it says before the task has ended.
  explicit ResultsFile(std::string path);

  // The content of what is at the path now; if nothing is, of the file that was there first. ResultsMissing if it is
  // empty, ResultsTooLarge beyond kMostResultBytes, ResultsInvalid if it is not UTF-8, else ResultsUnreadable.
  Result<std::string> read() const;

 private:
  std::string path_;
  Descriptor first_;
};

// Makes the file, waits for SIGTERM or SIGINT, which stay blocked, and reads the file.
Result<std::string> hand_on(const std::string& path);

}  // namespace atelier::stage
