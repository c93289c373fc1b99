#include "stage/claim.h"

#include <cerrno>

#include "stage/exclusive.h"
#include "stage/json.h"
#include "stage/refusals.h"
#include "stage/utf8.h"

namespace atelier::stage {
namespace {

constexpr std::size_t kMaxClaimBytes = 4096;
constexpr int kAttempts = 16;  // each lost to another process that created or removed the claim meanwhile

std::string render(const Holder& holder) {
  return R"({"uid":)" + json_string(holder.uid) + R"(,"namespace":)" + json_string(holder.namespace_name) +
         R"(,"name":)" + json_string(holder.name) + "}\n";
}

Result<Holder> read_holder(const Storage& storage, const std::string& workspace) {
  auto text = storage.claims.read_file(workspace, kMaxClaimBytes);
  if (!text) return Storage::failure(text.error(), "read the claim", storage.claims.path_of(workspace));
  const auto json = Json::parse(*text);
  auto uid = json ? json->string_at("uid") : std::nullopt;
  if (!uid || uid->empty()) {
    return Failure{Reason::storage_failed, "the claim " + storage.claims.path_of(workspace) +
                                               " is damaged, so nobody can say whose name it "
                                               "is. Remove that file to let the workspace claim its name anew."};
  }
  return Holder{std::move(*uid), json->string_at("namespace").value_or(""), json->string_at("name").value_or("")};
}

Result<void> create(const Storage& storage, const Holder& holder, std::chrono::milliseconds patience) {
  auto created = create_exclusively(storage, {storage.claims, holder.name}, holder.name, render(holder), patience);
  if (created) {
    if (auto synced = storage.claims.sync(); !synced) created = synced.error();
  }
  if (!created) return Storage::failure(created.error(), "claim", storage.claims.path_of(holder.name));
  return {};
}

bool still_named(const Storage& storage, const Descriptor& file, const std::string& workspace) {
  struct stat held;
  auto named = storage.claims.status(workspace);
  return named && ::fstat(file.get(), &held) == 0 && held.st_dev == named->st_dev && held.st_ino == named->st_ino;
}

Sys<Descriptor> open_claim(const Storage& storage, const std::string& workspace) {
  auto file = storage.claims.open_file(workspace, true);  // NFS wants it writable for an exclusive lock
  if (!file && (file.error().code == EACCES || file.error().code == EPERM)) return storage.claims.open_file(workspace);
  return file;
}

Failure claim_failure(Errno error, const Storage& storage, const std::string& workspace) {
  const std::string path = storage.claims.path_of(workspace);
  if (auto status = storage.claims.status(workspace); status && !S_ISREG(status->st_mode)) {
    const char* kind = special_kind(status->st_mode);
    return {Reason::path_occupied, path + " " + (kind ? kind : "is a folder") + " instead of a claim. Remove it."};
  }
  return Storage::failure(error, "open the claim", path);
}

// The fields let the operator find out whether the holder still exists. A file may say anything: they must be short.
Failure taken(const Holder& other, const Holder& us) {
  constexpr std::size_t kLongest = 253;
  Failure out{Reason::name_taken,
              "the name " + us.name + " in DataDomain " + us.data_domain + " is taken by the Workspace " +
                  printable(other.namespace_name + "/" + other.name) + " (uid " + printable(other.uid) + "); this is " +
                  us.namespace_name + "/" + us.name + " (uid " + us.uid +
                  "). Rename one of them, or delete the other Workspace: its name "
                  "is free once the DataDomain has swept it."};
  if (other.uid.size() <= kLongest && other.namespace_name.size() <= kLongest && other.name.size() <= kLongest) {
    out.fields = {{"holderNamespace", other.namespace_name}, {"holderName", other.name}, {"holderUid", other.uid}};
  }
  return out;
}

}  // namespace

Result<Claim::Search> Claim::find(const Storage& storage, const std::string& workspace, const std::string& uid,
                                  std::chrono::milliseconds patience) {
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    auto file = open_claim(storage, workspace);
    if (!file && file.error().code == ENOENT) return Search{Found::absent, std::nullopt};
    if (!file) return claim_failure(file.error(), storage, workspace);
    auto holder = read_holder(storage, workspace);
    if (!holder) {
      if (!still_named(storage, *file, workspace)) continue;
      return holder.error();
    }
    if (holder->uid != uid) return Search{Found::foreign, std::nullopt, std::move(*holder)};
    if (!lock(*file, patience)) {
      return Failure{Reason::storage_failed, "another publisher or sweep of " + workspace + " holds the lock on " +
                                                 storage.claims.path_of(workspace) + ". It will be tried again."};
    }
    // Whoever waited for a sweep now holds a file without a name.
    if (still_named(storage, *file, workspace)) return Search{Found::ours, Claim(std::move(*file), workspace)};
  }
  return Failure{Reason::storage_failed,
                 "the claim " + storage.claims.path_of(workspace) + " changes all the time. It will be tried again."};
}

Result<Claim> Claim::take(const Storage& storage, const Holder& holder, std::chrono::milliseconds patience) {
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    auto search = find(storage, holder.name, holder.uid, patience);
    if (!search) return search.error();
    if (search->found == Found::foreign) return taken(*search->holder, holder);
    if (search->found == Found::ours) return std::move(*search->claim);
    if (auto created = create(storage, holder, patience); !created) return created.error();
  }
  return Failure{Reason::storage_failed, "the claim " + storage.claims.path_of(holder.name) +
                                             " is removed all the time. It will be tried again."};
}

Result<void> Claim::remove(const Storage& storage) && {
  auto done = storage.claims.remove_file(workspace_);
  if (done) done = storage.claims.sync();
  if (!done) return Storage::failure(done.error(), "remove the claim", storage.claims.path_of(workspace_));
  return {};
}

}  // namespace atelier::stage
