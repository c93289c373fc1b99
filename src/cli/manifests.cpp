#include "cli/manifests.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace atelier::cli {
namespace {

namespace fs = std::filesystem;

std::string all_of(std::istream& input) { return {std::istreambuf_iterator<char>(input), {}}; }

// Error: what the system says.
std::error_code find_files(const fs::path& folder, std::vector<fs::path>& into) {
  std::error_code error;
  for (fs::recursive_directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    const fs::path& path = at->path();
    const std::string extension = path.extension().string();
    if (path.filename().string().starts_with('.')) {
      at.disable_recursion_pending();
    } else if (at->is_regular_file() && (extension == ".yaml" || extension == ".yml" || extension == ".json")) {
      into.push_back(path);
    }
  }
  std::sort(into.begin(), into.end());
  return error;
}

}  // namespace

Result<std::vector<Manifest>> read_manifests(const std::vector<std::string>& paths, std::istream& input) {
  std::vector<Manifest> manifests;
  for (const std::string& path : paths) {
    if (path == "-") {
      manifests.push_back({"<stdin>", all_of(input)});
      continue;
    }
    std::vector<fs::path> files{path};
    std::error_code ignored;
    if (fs::is_directory(path, ignored)) {
      files.clear();
      if (const auto error = find_files(path, files)) return invalid(path + ": " + error.message());
      if (files.empty()) return invalid(path + ": there is no .yaml, .yml or .json file in this folder");
    }
    for (const fs::path& file : files) {
      std::ifstream in(file, std::ios::binary);
      if (!in) return invalid(file.string() + ": cannot be read");
      manifests.push_back({file.string(), all_of(in)});
    }
  }
  return manifests;
}

}  // namespace atelier::cli
