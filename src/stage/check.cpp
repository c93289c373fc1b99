#include "stage/check.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "stage/mirror.h"
#include "stage/refusals.h"
#include "stage/source.h"
#include "stage/storage.h"
#include "stage/tree.h"
#include "stage/utf8.h"

namespace atelier::stage {
namespace {

class Inspection {
 public:
  Inspection(const Folder& tree, const Limits& limits) : tree_(tree), limits_(limits) {}

  Result<std::vector<std::string>> run() {
    const auto explain = [this](Errno error, const std::string& path) {
      return source_failure(error, path.empty() ? tree_.path() : tree_.path_of(path));
    };
    const auto visit = [this](const Visit& entry) -> Result<Next> { return inspect(entry); };
    if (auto walked = walk(tree_, {.visit = visit, .explain = explain}); !walked) return walked.error();
    if (!refusals_.empty()) return refusals_.failure(tree_.path());
    if (files_.empty()) {
      return Failure{Reason::dags_folder_empty,
                     "there is no file to publish in " + printable(tree_.path()) +
                         ". Check spec.dags.path and spec.dags.include, and that no init container of the workspace "
                         "removes the files."};
    }
    std::sort(files_.begin(), files_.end());
    return files_;
  }

 private:
  Next inspect(const Visit& entry) {
    const mode_t mode = entry.status.st_mode;
    if (const char* why = unclean_name(entry.name)) return refuse(entry, why);
    if (const char* why = special_kind(mode)) return refuse(entry, why);
    if (entry.depth > limits_.depth) {
      return refuse(entry, "is nested deeper than " + std::to_string(limits_.depth) + " names");
    }
    if (entry.path.size() > limits_.path_bytes) {
      return refuse(entry, "has a path longer than " + std::to_string(limits_.path_bytes) + " bytes");
    }
    return S_ISDIR(mode) ? count_folder(entry) : inspect_file(entry);
  }

  Next count_folder(const Visit& entry) {
    if (++folders_ <= limits_.files) return Next::go_on;
    refuse(entry, "is one folder more than the " + std::to_string(limits_.files) + " allowed");
    return Next::stop;
  }

  Next inspect_file(const Visit& entry) {
    if (entry.status.st_nlink > 1) return refuse(entry, "has more than one hard link");
    if (entry.status.st_mode & S_ISUID) return refuse(entry, "has the set-uid bit");
    if (entry.status.st_mode & S_ISGID) return refuse(entry, "has the set-gid bit");
    files_.push_back(entry.path);
    if (files_.size() > limits_.files) {
      refuse(entry, "is one file more than the " + std::to_string(limits_.files) + " allowed");
      return Next::stop;
    }
    bytes_ += static_cast<std::uint64_t>(entry.status.st_size);
    if (bytes_ > limits_.bytes) {
      refuse(entry, "brings the tree to more than the " + std::to_string(limits_.bytes) + " bytes allowed");
      return Next::stop;
    }
    return Next::go_on;
  }

  Next refuse(const Visit& entry, const std::string& why) {
    refusals_.add(entry.path, why);
    return Next::skip;
  }

  const Folder& tree_;
  const Limits& limits_;
  std::vector<std::string> files_;
  std::uint64_t folders_ = 0;
  std::uint64_t bytes_ = 0;
  Refusals refusals_;
};

Result<FileEntry> hashed(const Folder& tree, const std::string& path) {
  auto file = tree.open_file(path);
  if (!file) return source_failure(file.error(), tree.path_of(path));
  struct stat status;
  if (::fstat(file->get(), &status) != 0) return source_failure(Errno{errno}, tree.path_of(path));
  auto content = read_content(*file);
  if (!content) return source_failure(content.error(), tree.path_of(path));
  return FileEntry{path, (status.st_mode & 0111) != 0, *content};
}

// Written aside and renamed, so that a manifest that exists is whole.
Result<void> write_manifest(const std::string& path, const Manifest& manifest) {
  const std::string parent = path.find('/') == std::string::npos ? "." : parent_of(path) + "/";
  const std::string name = name_in(path);
  auto folder = Folder::open(parent);
  if (!folder) return Storage::failure(folder.error(), "open the folder of the manifest", parent);
  const std::string aside = "." + name + ".new";
  if (auto removed = folder->remove_file(aside); !removed && removed.error().code != ENOENT) {
    return Storage::failure(removed.error(), "replace", folder->path_of(aside));
  }
  auto written = folder->write_file(aside, render(manifest));
  if (written) written = folder->rename(aside, *folder, name);
  if (!written) return Storage::failure(written.error(), "write the manifest", path);
  return {};
}

}  // namespace

Result<std::vector<std::string>> list_publishable(const Folder& tree, const Limits& limits) {
  return Inspection(tree, limits).run();
}

Result<Manifest> read_tree(const Folder& tree, const Limits& limits) {
  auto paths = list_publishable(tree, limits);
  if (!paths) return paths.error();
  std::vector<FileEntry> files;
  std::uint64_t bytes = 0;
  for (const std::string& path : *paths) {
    auto entry = hashed(tree, path);
    if (!entry) return entry.error();
    bytes += entry->content.size;
    if (bytes > limits.bytes) {
      return Failure{Reason::dags_refused, "refused " + printable(path) + ": the files grew beyond the " +
                                               std::to_string(limits.bytes) + " bytes allowed while read."};
    }
    files.push_back(std::move(*entry));
  }
  return manifest_of(std::move(files));
}

Result<Checked> check(const CheckRequest& request) {
  auto tree = Folder::open(request.tree);
  if (!tree) {
    Failure failure = source_failure(tree.error(), request.tree);
    if (failure.reason == Reason::dags_folder_missing) {
      failure.message +=
          " Nothing was staged there: check spec.dags.path, and what the workspace's init containers "
          "leave behind.";
    }
    return failure;
  }
  auto manifest = read_tree(*tree, request.limits);
  if (!manifest) return manifest.error();
  auto python = preflight(*tree, *manifest, request.airflow_dags);
  if (!python) return python.error();
  if (auto written = write_manifest(request.manifest, *manifest); !written) return written.error();
  return Checked{std::move(*manifest), std::move(*python)};
}

}  // namespace atelier::stage
