#include "stage/source.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "stage/utf8.h"

namespace atelier::stage {

std::string running_as() { return std::to_string(::geteuid()) + ":" + std::to_string(::getegid()); }

Failure source_failure(Errno error, const std::string& path) {
  const std::string what = printable(path) + ": " + std::strerror(error.code);
  switch (error.code) {
    case EACCES:
    case EPERM:
      return {Reason::dags_not_readable, "cannot read " + what + " (running as " + running_as() +
                                             "). Make the DAGs readable for every user in the image, for example with "
                                             "`RUN chmod -R a+rX` on that path."};
    case ENOENT:
    case ENOTDIR:
    case ELOOP:
      return {Reason::dags_folder_missing, "cannot open " + what + "."};
    default:
      return {Reason::storage_failed, "cannot read " + what + "."};
  }
}

}  // namespace atelier::stage
