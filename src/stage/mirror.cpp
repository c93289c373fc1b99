#include "stage/mirror.h"

#include <algorithm>

namespace atelier::stage {

Sys<const Folder*> Mirror::at(const std::string& path) {
  if (path.empty()) return &root_;
  if (folder_ && path == path_) return &*folder_;
  folder_.reset();
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    auto next = (folder_ ? *folder_ : root_).make_folder(path.substr(begin, end - begin));
    if (!next) {
      folder_.reset();
      return next.error();
    }
    folder_ = std::move(*next);
    begin = end + 1;
  }
  path_ = path;
  return &*folder_;
}

std::string parent_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash);
}

std::string name_in(const std::string& path) { return path.substr(path.rfind('/') + 1); }

}  // namespace atelier::stage
