#include <algorithm>
#include <array>
#include <set>

#include "api/container_check.h"

namespace atelier::api {
namespace {

constexpr std::int32_t kMilli = 1'000'000;  // in nanos

// Nothing may be mounted at, in or over these: the operator's results file, what the kernel shows, and tokens.
constexpr std::array<std::string_view, 6> kTaken{"/atelier",         "/proc",       "/sys", "/dev",
                                                 "/var/run/secrets", "/run/secrets"};

// Parts between slashes, without empty ones and ".".
std::vector<std::string_view> parts_of(std::string_view path) {
  std::vector<std::string_view> parts;
  while (!path.empty()) {
    const std::size_t slash = std::min(path.find('/'), path.size());
    const std::string_view part = path.substr(0, slash);
    if (!part.empty() && part != ".") parts.push_back(part);
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  return parts;
}

bool climbs(std::string_view path) {
  const auto parts = parts_of(path);
  return std::find(parts.begin(), parts.end(), "..") != parts.end();
}

bool one_holds_the_other(std::string_view one, std::string_view other) {
  const auto left = parts_of(one);
  const auto right = parts_of(other);
  const auto shorter = static_cast<std::ptrdiff_t>(std::min(left.size(), right.size()));
  return std::equal(left.begin(), left.begin() + shorter, right.begin());
}

std::string plain(std::string_view path) {
  std::string out;
  for (const std::string_view part : parts_of(path)) out += "/" + std::string(part);
  return out;
}

void mount_path(Findings& found, const std::string& text, const std::string& path) {
  if (!text.starts_with('/') || parts_of(text).empty() || climbs(text) || text.find(':') != std::string::npos) {
    found.add("InvalidValue", path, "\"" + text + "\" should be an absolute path below /, without \"..\" and \":\"");
    return;
  }
  for (const std::string_view taken : kTaken) {
    if (!one_holds_the_other(text, taken)) continue;
    found.add("InvalidValue", path,
              "\"" + text + "\" would hide or reach " + std::string(taken) + "; choose another folder, such as /data");
    return;
  }
}

void pair(Findings& found, const std::optional<Quantity>& request, const std::optional<Quantity>& limit,
          const std::string& path, const char* name) {
  if (limit && *limit == Quantity{}) {
    found.add("InvalidValue", path + ".limits." + name, "is 0, which Kubernetes takes for no limit; give an amount");
  } else if (request && limit && *request > *limit) {
    found.add("InvalidValue", path + ".requests." + name,
              "is " + format_quantity(*request) + ", more than the limit of " + format_quantity(*limit) +
                  "; lower the request or raise the limit");
  }
}

void amounts(Findings& found, const ResourceAmounts& amounts, const std::string& path) {
  if (amounts.cpu && amounts.cpu->nanos % kMilli != 0) {
    found.add("InvalidValue", path + ".cpu",
              "is " + format_quantity(*amounts.cpu) + ", finer than Kubernetes counts; use whole millis, such as 1m");
  }
  if (amounts.memory) bytes(found, *amounts.memory, path + ".memory");
  if (amounts.ephemeral_storage) bytes(found, *amounts.ephemeral_storage, path + ".ephemeral-storage");
}

}  // namespace

void bytes(Findings& found, const Quantity& amount, const std::string& path) {
  if (amount.nanos == 0) return;
  found.add("InvalidValue", path,
            "is " + format_quantity(amount) + ", a part of a byte: m means a thousandth; for mebibytes write Mi");
}

void relative_path(Findings& found, const std::string& text, const std::string& path) {
  if (!text.starts_with('/') && !parts_of(text).empty() && !climbs(text)) return;
  found.add("InvalidValue", path, "\"" + text + "\" should be a relative path without \"..\"");
}

void check_resources(Findings& found, const ContainerResources& resources, const std::string& path) {
  const auto& [requests, limits] = resources;
  amounts(found, requests, path + ".requests");
  amounts(found, limits, path + ".limits");
  pair(found, requests.cpu, limits.cpu, path, "cpu");
  pair(found, requests.memory, limits.memory, path, "memory");
  pair(found, requests.ephemeral_storage, limits.ephemeral_storage, path, "ephemeral-storage");
}

void check_mounts(Findings& found, const std::vector<VolumeMount>& mounts, const std::vector<Volume>& volumes,
                  const std::string& path) {
  std::string known;
  for (const Volume& volume : volumes) known += (known.empty() ? "" : ", ") + volume.name;
  std::set<std::string> seen;
  for (std::size_t i = 0; i < mounts.size(); ++i) {
    const VolumeMount& mount = mounts[i];
    const std::string here = at(path, i);
    const auto same = [&mount](const Volume& volume) { return volume.name == mount.name; };
    if (std::none_of(volumes.begin(), volumes.end(), same)) {
      found.add("UnknownVolume", here + ".name",
                known.empty() ? "there is no volume \"" + mount.name + "\"; add it to spec.volumes"
                              : "there is no volume \"" + mount.name + "\"; the volumes are " + known);
    }
    mount_path(found, mount.mount_path, here + ".mountPath");
    if (!seen.insert(plain(mount.mount_path)).second) {
      found.add("DuplicateName", here + ".mountPath",
                "something is mounted at \"" + mount.mount_path + "\" already; give each its own path");
    }
    if (!mount.sub_path.empty()) relative_path(found, mount.sub_path, here + ".subPath");
  }
}

}  // namespace atelier::api
