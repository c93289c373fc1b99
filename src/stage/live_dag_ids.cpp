#include "stage/live_dag_ids.h"

#include <cerrno>
#include <utility>
#include <vector>

#include "stage/storage.h"
#include "stage/tree.h"

namespace atelier::stage {
namespace {

bool is_bytecode_of_others(const Visit& entry) {
  if (entry.name != "__pycache__") return false;
  auto folder = entry.folder.folder(entry.name);
  return !folder && folder.error().code == EACCES;
}

Result<std::vector<std::string>> python_files(const Folder& release) {
  std::vector<std::string> paths;
  const auto explain = [&](Errno error, const std::string& path) {
    return Storage::failure(error, "read", path.empty() ? release.path() : release.path_of(path));
  };
  const auto visit = [&](const Visit& entry) -> Result<Next> {
    if (S_ISDIR(entry.status.st_mode)) return is_bytecode_of_others(entry) ? Next::skip : Next::go_on;
    if (entry.path.ends_with(".py")) paths.push_back(entry.path);
    return Next::go_on;
  };
  if (auto walked = walk(release, {.visit = visit, .explain = explain}); !walked) return walked.error();
  return paths;
}

}  // namespace

Result<DagIds> dag_ids_of_live(const FoundDagIds& found, const Folder& releases, const Live& live) {
  if (live.release.empty()) return DagIds();
  auto folder = releases.folder(live.release);
  if (!folder && folder.error().code == ENOENT) return DagIds();
  if (!folder) return Storage::failure(folder.error(), "open", releases.path_of(live.release));
  auto known = found.of(live.release);
  if (!known) return known.error();
  if (*known) return std::move(**known);
  auto paths = python_files(*folder);
  if (!paths) return paths.error();
  return read_dag_ids(*folder, *paths);
}

}  // namespace atelier::stage
