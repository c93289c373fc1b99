#include "stage/copy.h"

#include <algorithm>
#include <cerrno>

#include "stage/content.h"
#include "stage/mirror.h"
#include "stage/refusals.h"
#include "stage/source.h"
#include "stage/storage.h"
#include "stage/tree.h"
#include "stage/utf8.h"

namespace atelier::stage {
namespace {

constexpr std::size_t kDeepest = 32;

class Copier {
 public:
  Copier(const CopyRequest& request, const Folder& from, const Folder& to)
      : request_(request), from_(from), to_(to), mirror_(to) {}

  Result<Copied> run() {
    const auto explain = [this](Errno error, const std::string& path) {
      return source_failure(error, path.empty() ? from_.path() : from_.path_of(path));
    };
    const auto visit = [this](const Visit& entry) { return take(entry); };
    if (auto walked = walk(from_, {.visit = visit, .explain = explain}); !walked) return walked.error();
    if (!refusals_.empty()) return refusals_.failure(from_.path());
    return copied_;
  }

 private:
  bool selected(const std::string& path) const {
    return request_.include.empty() || std::any_of(request_.include.begin(), request_.include.end(),
                                                   [&](const Glob& glob) { return glob.matches(path); });
  }

  Result<Next> take(const Visit& entry) {
    if (S_ISDIR(entry.status.st_mode) && entry.depth >= kDeepest) {
      refusals_.add(entry.path, "is nested deeper than " + std::to_string(kDeepest) + " names");
      return Next::skip;
    }
    if (!selected(entry.path)) return Next::go_on;
    if (const char* why = special_kind(entry.status.st_mode)) {
      refusals_.add(entry.path, why);
      return Next::go_on;
    }
    if (S_ISDIR(entry.status.st_mode)) {
      if (auto made = mirror_.at(entry.path); !made) return target_failure(made.error(), entry.path);
      return Next::go_on;
    }
    if (auto done = copy_file(entry); !done) return done.error();
    return Next::go_on;
  }

  Result<void> copy_file(const Visit& entry) {
    auto source = entry.folder.open_file(entry.name);
    if (!source) return source_failure(source.error(), from_.path_of(entry.path));
    auto folder = mirror_.at(parent_of(entry.path));
    if (!folder) return target_failure(folder.error(), parent_of(entry.path));
    if (auto removed = (*folder)->remove_file(entry.name); !removed && removed.error().code != ENOENT) {
      return target_failure(removed.error(), entry.path);
    }
    auto file = (*folder)->create_file(entry.name);
    if (!file) return target_failure(file.error(), entry.path);
    auto content = copy_content(*source, *file);
    if (!content) {
      const CopyError& error = content.error();
      return error.reading ? source_failure(error.error, from_.path_of(entry.path))
                           : target_failure(error.error, entry.path);
    }
    const mode_t mode = (entry.status.st_mode & 0111) != 0 ? 0755 : 0644;
    if (auto set = file->set_mode(mode); !set) return target_failure(set.error(), entry.path);
    ++copied_.files;
    copied_.bytes += content->size;
    return {};
  }

  Failure target_failure(Errno error, const std::string& path) const {
    return Storage::failure(error, "write to the staging area", to_.path_of(path));
  }

  const CopyRequest& request_;
  const Folder& from_;
  const Folder& to_;
  Mirror mirror_;
  Copied copied_;
  Refusals refusals_;
};

Result<Folder> make_target(const std::string& path) {
  auto at = Folder::open(path.starts_with('/') ? "/" : ".");
  if (!at) return Storage::failure(at.error(), "open", path);
  for (std::size_t begin = 0; begin < path.size();) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    const std::string name = path.substr(begin, end - begin);
    begin = end + 1;
    if (name.empty() || name == ".") continue;
    auto next = at->make_folder(name);
    if (!next) return Storage::failure(next.error(), "create the staging area", path);
    at = std::move(*next);
  }
  return std::move(*at);
}

}  // namespace

Result<Copied> copy(const CopyRequest& request) {
  auto from = Folder::open(request.from);
  if (!from) {
    Failure failure = source_failure(from.error(), request.from);
    if (failure.reason == Reason::dags_folder_missing) {
      failure.message += " The image has no such folder: set spec.dags.path to the folder that holds the DAGs.";
    }
    return failure;
  }
  auto to = make_target(request.to);
  if (!to) return to.error();
  return Copier(request, *from, *to).run();
}

}  // namespace atelier::stage
