#include "stage/manifest.h"

#include <algorithm>

#include "stage/json.h"
#include "stage/utf8.h"

namespace atelier::stage {
namespace {

std::string big_endian(std::uint64_t number) {
  std::string out;
  for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>(number >> shift & 0xFF);
  return out;
}

bool clean_path(std::string_view path) {
  for (;;) {
    const auto slash = path.find('/');
    const auto name = path.substr(0, slash);
    if (name.empty() || name == "." || name == ".." || unclean_name(name)) return false;
    if (slash == std::string_view::npos) return true;
    path.remove_prefix(slash + 1);
  }
}

bool by_path(const FileEntry& a, const FileEntry& b) { return a.path < b.path; }

std::optional<FileEntry> parse_entry(const Json& json) {
  auto path = json.string_at("path");
  const auto executable = json.bool_at("executable");
  const auto size = json.number_at("size");
  const auto digest = json.string_at("sha256");
  FileEntry entry;
  if (!path || !clean_path(*path) || !executable || !size || !digest) return std::nullopt;
  if (!from_hex(*digest, entry.content.digest)) return std::nullopt;
  entry.path = std::move(*path);
  entry.executable = *executable;
  entry.content.size = *size;
  return entry;
}

Failure not_ours(const char* why) {
  return {Reason::staging_changed, std::string("the manifest of the checked files ") + why +
                                       ". Something changed the staging area after the "
                                       "check; publish again."};
}

}  // namespace

const char* unclean_name(std::string_view name) {
  if (name.size() > 255) return "its name is longer than 255 bytes";
  if (!is_utf8(name)) return "its name is not valid UTF-8";
  if (has_control(name)) return "its name has control characters";
  return nullptr;
}

const FileEntry* Manifest::find(std::string_view path) const {
  const auto at = std::lower_bound(files.begin(), files.end(), path,
                                   [](const FileEntry& entry, std::string_view sought) { return entry.path < sought; });
  return at != files.end() && at->path == path ? &*at : nullptr;
}

bool Manifest::has_folder(const std::string& path) const {
  const std::string inside = path + "/";
  const auto at = std::lower_bound(files.begin(), files.end(), inside,
                                   [](const FileEntry& file, const std::string& name) { return file.path < name; });
  return at != files.end() && at->path.starts_with(inside);
}

std::string release_id(const std::vector<FileEntry>& files) {
  Sha256 hash;
  hash.update("atelier-release-v1\n");
  for (const FileEntry& file : files) {
    hash.update(big_endian(file.path.size()));
    hash.update(file.path);
    hash.update(std::string(1, file.executable ? '\1' : '\0'));
    hash.update(big_endian(file.content.size));
    const Digest& digest = file.content.digest;
    hash.update({reinterpret_cast<const char*>(digest.data()), digest.size()});
  }
  return hex(hash.finish());
}

Manifest manifest_of(std::vector<FileEntry> files) {
  std::sort(files.begin(), files.end(), by_path);
  Manifest manifest;
  manifest.files = std::move(files);
  manifest.release = release_id(manifest.files);
  for (const FileEntry& file : manifest.files) manifest.bytes += file.content.size;
  return manifest;
}

std::vector<std::string> paths_of(const Manifest& manifest) {
  std::vector<std::string> paths;
  for (const FileEntry& file : manifest.files) paths.push_back(file.path);
  return paths;
}

std::string render(const Manifest& manifest) {
  std::string out = R"({"version":1,"release":)" + json_string(manifest.release);
  out += R"(,"files":)" + std::to_string(manifest.files.size());
  out += R"(,"bytes":)" + std::to_string(manifest.bytes) + R"(,"entries":[)";
  const char* separator = "\n";
  for (const FileEntry& file : manifest.files) {
    out += separator;
    out += R"({"path":)" + json_string(file.path);
    out += std::string(R"(,"executable":)") + (file.executable ? "true" : "false");
    out += R"(,"size":)" + std::to_string(file.content.size);
    out += R"(,"sha256":")" + hex(file.content.digest) + "\"}";
    separator = ",\n";
  }
  return out + "\n]}\n";
}

Result<Manifest> parse_manifest(std::string_view text) {
  const auto json = Json::parse(text);
  const auto* entries = json ? json->array_at("entries") : nullptr;
  if (!entries || entries->empty() || json->number_at("version") != 1) return not_ours("cannot be understood");
  std::vector<FileEntry> files;
  for (const Json& item : *entries) {
    auto entry = parse_entry(item);
    if (!entry) return not_ours("has an entry that the check never writes");
    if (!files.empty() && files.back().path >= entry->path) return not_ours("is not in order");
    files.push_back(std::move(*entry));
  }
  Manifest manifest = manifest_of(std::move(files));
  if (json->string_at("release") != manifest.release) return not_ours("does not match its own release id");
  if (json->number_at("files") != manifest.files.size() || json->number_at("bytes") != manifest.bytes) {
    return not_ours("does not add up");
  }
  return manifest;
}

}  // namespace atelier::stage
