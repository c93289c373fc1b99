// A file being written for the first time: created exclusively, so that nobody else's file is ever written into.
#pragma once

#include <sys/types.h>

#include <string_view>

#include "stage/descriptor.h"
#include "stage/expected.h"

namespace atelier::stage {

// Called before each operation that changes a disk, with its name ("mkdir", "write", "rename", …), and before
// "openat2". Returns 0 to let it happen, or the errno with which it shall fail instead. Tests stop the program here
// or take a system call away; production passes none.
using Gate = int (*)(const char* operation);

class NewFile {
 public:
  NewFile(Descriptor descriptor, Gate gate) : descriptor_(std::move(descriptor)), gate_(gate) {}

  Sys<void> append(std::string_view bytes);
  Sys<void> set_mode(mode_t mode);  // regardless of the umask
  Sys<void> sync();

 private:
  Descriptor descriptor_;
  Gate gate_;
};

}  // namespace atelier::stage
