// Opening a path beneath a folder without following any link on the way: the one door to trees that others write.
#pragma once

#include <string>

#include "stage/descriptor.h"
#include "stage/expected.h"

namespace atelier::stage {

struct Beneath {
  int flags = 0;              // of open(2), without O_CREAT
  bool one_device = false;    // refuse (EXDEV) what is mounted from elsewhere
  bool by_component = false;  // do not try openat2
};

// `relative` is a path of plain names. A link anywhere in it is ELOOP or ENOTDIR; `..`, `.`, an empty name or an
// absolute path is EXDEV. Uses openat2 where the kernel and its seccomp profile allow it, else opens name by name.
Sys<Descriptor> open_beneath(int folder, const std::string& relative, const Beneath& how);

}  // namespace atelier::stage
