#include "cli/finding.h"

namespace atelier::cli {

std::string Finding::to_string() const {
  return file + ":" + (line > 0 ? std::to_string(line) + ":" : "") + " " + (warning ? "warning: " : "") +
         (path.empty() ? "" : path + ": ") + message;
}

}  // namespace atelier::cli
