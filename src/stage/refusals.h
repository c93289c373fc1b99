// What a tree has that may not be published, collected so that a team can mend it all at once.
#pragma once

#include <cstddef>
#include <string>

#include "stage/outcome.h"
#include "stage/tree.h"

namespace atelier::stage {

class Refusals {
 public:
  static constexpr std::size_t kNamed = 5;  // the message names this many and counts the others

  void add(const std::string& path, const std::string& why);
  bool empty() const { return count_ == 0; }
  std::string text() const;                        // "<path> <why>; …"
  Failure failure(const std::string& root) const;  // DagsRefused

 private:
  std::string named_;
  std::size_t count_ = 0;
};

// "is a symbolic link", "is a FIFO", …; nullptr for regular files and folders.
const char* special_kind(mode_t mode);

}  // namespace atelier::stage
