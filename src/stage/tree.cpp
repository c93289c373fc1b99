#include "stage/tree.h"

#include <cerrno>

namespace atelier::stage {
namespace {

constexpr std::size_t kDeepest = 512;

// False once the visitor has said stop.
Result<bool> descend(const Folder& folder, const std::string& prefix, std::size_t depth, const Walk& walk) {
  if (depth > kDeepest) return walk.explain(Errno{ENAMETOOLONG}, prefix);
  auto names = folder.names();
  if (!names) return walk.explain(names.error(), prefix);
  for (const std::string& name : *names) {
    const std::string path = prefix.empty() ? name : prefix + "/" + name;
    auto status = folder.status(name);
    if (!status) return walk.explain(status.error(), path);
    auto next = walk.visit(Visit{folder, name, path, *status, depth});
    if (!next) return next.error();
    if (*next == Next::stop) return false;
    if (*next == Next::skip || !S_ISDIR(status->st_mode)) continue;
    auto child = folder.folder(name);
    if (!child) return walk.explain(child.error(), path);
    auto done = descend(*child, path, depth + 1, walk);
    if (!done || !*done) return done;
  }
  if (walk.leave) {
    if (auto left = walk.leave(folder); !left) return left.error();
  }
  return true;
}

}  // namespace

Result<void> walk(const Folder& root, const Walk& walk) {
  auto done = descend(root, "", 1, walk);
  if (!done) return done.error();
  return {};
}

}  // namespace atelier::stage
