// Which files of the image a step copies into the domain storage, as far as its command line says so plainly.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace atelier::convert {

struct CopiedDags {
  std::string path;                  // the folder in the image
  std::vector<std::string> include;  // what of it, as spec.dags.include
  bool hidden = false;               // include has names that begin with a dot, which the shell's * has not

  bool operator==(const CopiedDags&) const = default;
};

// Of the one `cp` in these words whose target is at or below `mount_path` and whose sources are in one folder:
// "cp -a /dags/*.py /storage/x/" gives /dags and *.py. Nothing for every other command line.
std::optional<CopiedDags> copied_dags(const std::vector<std::string>& words, const std::string& mount_path);

}  // namespace atelier::convert
