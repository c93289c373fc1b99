// What a checked tree consists of, and the identity that follows from it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "stage/content.h"
#include "stage/outcome.h"

namespace atelier::stage {

struct FileEntry {
  std::string path;  // relative, clean (see clean_path)
  bool executable = false;
  Content content;

  bool operator==(const FileEntry&) const = default;
};

// REQUIRES of a manifest that was not read by `parse`: sorted by path, each path once, `release` and `bytes` fit.
struct Manifest {
  std::string release;
  std::uint64_t bytes = 0;
  std::vector<FileEntry> files;

  const FileEntry* find(std::string_view path) const;
  bool has_folder(const std::string& path) const;  // whether a file is in it
};

// SHA-256 over "atelier-release-v1\n" and, for each file in order: the path's length (8 bytes, big endian), the
// path, one byte for the executable bit, the size (8 bytes), the content's digest (32 bytes). Nothing else counts:
// no times, no owners, no empty folders.
std::string release_id(const std::vector<FileEntry>& files);

// Sorts the files and fills in the rest.
Manifest manifest_of(std::vector<FileEntry> files);

std::vector<std::string> paths_of(const Manifest& manifest);

std::string render(const Manifest& manifest);

// StagingChanged if this is not exactly what `render` wrote of a non-empty tree: a manifest whose release id does not
// follow from its entries, or whose paths could leave a folder, is not used.
Result<Manifest> parse_manifest(std::string_view text);

// Why this single name may not be published, or nullptr: not UTF-8, control characters, longer than 255 bytes.
const char* unclean_name(std::string_view name);

}  // namespace atelier::stage
