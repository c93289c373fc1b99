// Task pods as a real API server shows them, as many as wanted: bench/data/task_pod.json with other names.
#pragma once

#include <cstddef>
#include <string>

namespace atelier::bench {

class TaskPods {
 public:
  TaskPods();  // throws std::runtime_error when the file cannot be read

  // About 9 KB. Of a hundred pods in a row each belongs to one run.
  std::string text(std::size_t index) const;

 private:
  std::string pattern_;
};

}  // namespace atelier::bench
