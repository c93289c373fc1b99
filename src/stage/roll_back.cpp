#include "stage/roll_back.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "stage/check.h"
#include "stage/dag_id_claims.h"
#include "stage/ignore_file.h"
#include "stage/live.h"
#include "stage/sequence.h"

namespace atelier::stage {
namespace {

constexpr std::size_t kIdLength = 64;
constexpr std::size_t kShortest = 12;
constexpr std::string_view kAdopted = "adopted-";
constexpr std::size_t kMostNamed = 10;

std::string_view id_of(std::string_view name) { return name.substr(0, name.find('.')); }

// A link among the releases is what an interrupted adoption left.
std::vector<std::string> real_ones(const Folder& releases, std::vector<std::string> names) {
  std::erase_if(names, [&](const std::string& name) {
    auto status = releases.status(name);
    return !status || !S_ISDIR(status->st_mode);
  });
  return names;
}

std::string listed(const std::vector<std::string>& names) {
  std::string out;
  for (std::size_t i = 0; i < std::min(names.size(), kMostNamed); ++i) out += (i > 0 ? ", " : "") + names[i];
  if (names.size() > kMostNamed) out += " and " + std::to_string(names.size() - kMostNamed) + " more";
  return out.empty() ? "none" : out;
}

bool wanted(std::string_view name, std::string_view asked) {
  return asked.starts_with(kAdopted) ? name == asked : id_of(name).starts_with(asked);
}

// All executable, which is how storage without permissions shows every file: then the bit says nothing.
bool all_executable(const Manifest& manifest) {
  return std::all_of(manifest.files.begin(), manifest.files.end(),
                     [](const FileEntry& file) { return file.executable; });
}

// What Python wrote beside the files while they were live.
Manifest without_bytecode(Manifest manifest) {
  std::erase_if(manifest.files,
                [](const FileEntry& file) { return ("/" + file.path).find("/__pycache__/") != std::string::npos; });
  return manifest_of(std::move(manifest.files));
}

enum class Proof { sound, unknown, damaged };

Proof proof_of(std::string_view name, const Manifest& manifest) {
  if (name.starts_with(kAdopted)) return Proof::unknown;
  if (id_of(name) == manifest.release) return Proof::sound;
  return all_executable(manifest) ? Proof::unknown : Proof::damaged;
}

struct Found {
  std::string name;
  Manifest manifest;
  Proof proof;
};

// Of several with the same content, such as <id> and <id>.1, the first that is sound.
Result<Found> find(const Folder& releases, const std::string& asked) {
  auto all = releases.names();
  if (!all) return Storage::failure(all.error(), "list", releases.path());
  const std::vector<std::string> names = real_ones(releases, std::move(*all));
  std::optional<Found> best;
  for (const std::string& name : names) {
    if (!wanted(name, asked)) continue;
    if (best && id_of(best->name) != id_of(name)) {
      return Failure{Reason::release_missing, "several releases begin with " + asked + ": " + listed(names) +
                                                  ". Give more of the id in spec.dags.release."};
    }
    auto folder = releases.folder(name);
    if (!folder) return Storage::failure(folder.error(), "open", releases.path_of(name));
    auto manifest = read_tree(*folder, kNoLimits);
    if (!manifest && exit_code_of(manifest.error().reason) != exit_code_of(Reason::dags_refused))
      return manifest.error();
    if (manifest && id_of(name) != manifest->release && !name.starts_with(kAdopted)) {
      *manifest = without_bytecode(std::move(*manifest));
    }
    if (!manifest) {
      if (!best) best = Found{name, {}, Proof::damaged};
      continue;
    }
    const Proof proof = proof_of(name, *manifest);
    if (!best || (best->proof == Proof::damaged && proof != Proof::damaged))
      best = Found{name, std::move(*manifest), proof};
  }
  if (!best) {
    return Failure{Reason::release_missing, "there is no release " + asked +
                                                " of this workspace on the storage; there are: " + listed(names) +
                                                ". Name one of these in spec.dags.release, or remove that field."};
  }
  if (best->proof == Proof::damaged) {
    return Failure{Reason::release_damaged,
                   "the release " + releases.path_of(best->name) +
                       " is not what was published, and was not made live. Remove spec.dags.release to "
                       "publish what the image holds."};
  }
  return std::move(*best);
}

// As Airflow found them when it was published, where it was asked.
Result<DagIds> dag_ids_of(const Found& release, const FoundDagIds& by_airflow, const Folder& folder) {
  auto known = by_airflow.of(release.name);
  if (!known) return known.error();
  if (*known) return std::move(**known);
  return read_dag_ids(folder, paths_of(release.manifest));
}

}  // namespace

bool names_release(std::string_view text) {
  if (text.starts_with(kAdopted)) {
    return text.size() <= 64 && std::all_of(text.begin() + kAdopted.size(), text.end(), [](char c) {
             return (c >= '0' && c <= '9') || c == 'T' || c == 'Z' || c == '.';
           });
  }
  return text.size() >= kShortest && text.size() <= kIdLength &&
         std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

Result<Published> roll_back(const RollbackRequest& request) {
  const std::string& workspace = request.holder.name;
  auto storage = Storage::open(request.storage, request.gate);
  if (!storage) return storage.error();
  auto claim = Claim::take(*storage, request.holder, request.patience);
  if (!claim) return claim.error();
  auto live = read_live(*storage, workspace);
  if (!live) return live.error();
  auto releases = storage->releases_of(workspace);
  if (!releases) return releases.error();
  auto found = find(*releases, request.release);
  if (!found) return found.error();
  if (auto first = advance_sequence(*storage, request.holder, request.sequence); !first) return first.error();
  static_cast<void>(storage->clear_leftovers(workspace));
  if (auto kept = keep_ignore_file(*storage, workspace); !kept) return kept.error();

  DagIdClaims dag_ids(*storage, request.holder, request.patience);
  auto folder = releases->folder(found->name);
  if (!folder) return Storage::failure(folder.error(), "open", releases->path_of(found->name));
  const FoundDagIds by_airflow(*storage, workspace);
  auto claimed = dag_ids_of(*found, by_airflow, *folder);
  if (!claimed) return claimed.error();
  if (auto done = claim_dag_ids(dag_ids, *claimed, by_airflow, *releases, *live); !done) return done.error();

  Published published{.release = found->name.starts_with(kAdopted) ? found->name : std::string(id_of(found->name)),
                      .files = found->manifest.files.size(),
                      .bytes = found->manifest.bytes};
  if (found->proof == Proof::unknown) {
    published.warning = found->name.starts_with(kAdopted)
                            ? "the release was a plain folder before Atelier, so nothing says what it should hold"
                            : "the storage keeps no permissions, so what the release holds could not be verified";
  }
  if (live->release != found->name || live->kind == Live::Kind::copy) {
    if (auto still = check_sequence(*storage, request.holder, request.sequence); !still) return still.error();
    auto switched = switch_live(*storage, workspace, *live, {*releases, found->name, found->manifest}, request.now);
    if (!switched) return switched.error();
    published.changed = live->release != found->name;
    published.adopted = live->kind == Live::Kind::folder;
    published.copied = *switched == Switched::file_by_file;
  }
  if (auto freed = dag_ids.keep_only(*claimed); !freed) published.warning = freed.error().message;
  if (auto cleared = storage->clear_leftovers(workspace); !cleared) published.warning = cleared.error().message;
  return published;
}

}  // namespace atelier::stage
