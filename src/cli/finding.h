// What is wrong in a file, as it is printed.
#pragma once

#include <string>

namespace atelier::cli {

struct Finding {
  std::string file;
  int line = 0;      // 0: the file as a whole
  std::string path;  // spec.tasks[2].dependsOn[0]; empty for a document as a whole
  std::string message;
  bool warning = false;  // refused nowhere

  std::string to_string() const;
};

}  // namespace atelier::cli
