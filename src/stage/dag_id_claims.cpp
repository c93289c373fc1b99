#include "stage/dag_id_claims.h"

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <utility>
#include <vector>

#include "stage/dag_id_list.h"
#include "stage/exclusive.h"
#include "stage/json.h"
#include "stage/live_dag_ids.h"
#include "stage/sha256.h"
#include "stage/utf8.h"

namespace atelier::stage {
namespace {

constexpr std::size_t kMaxClaimBytes = 4096;
constexpr std::size_t kMaxNoted = 4 * kMaxDagIds;  // fits the bytes however long the ids are

std::string file_of(const std::string& id) {
  Sha256 hash;
  hash.update(id);
  return hex(hash.finish());
}

std::string render(const std::string& id, const Holder& owner) {
  return R"({"dagId":)" + json_string(id) + R"(,"uid":)" + json_string(owner.uid) + R"(,"namespace":)" +
         json_string(owner.namespace_name) + R"(,"name":)" + json_string(owner.name) + "}\n";
}

// Those who take over what a dead owner left look and replace one after the other.
Result<Descriptor> take_turn(const Folder& folder, std::chrono::milliseconds patience) {
  const std::string name = ".turn";  // no hash
  if (auto made = folder.write_file(name, ""); !made && made.error().code != EEXIST) {
    return Storage::failure(made.error(), "write", folder.path_of(name));
  }
  auto file = folder.open_file(name, true);
  if (!file) return Storage::failure(file.error(), "open", folder.path_of(name));
  if (!lock(*file, patience)) {
    return Failure{Reason::storage_failed,
                   "another publisher of the DataDomain is claiming dag_ids. It will be tried again."};
  }
  return std::move(*file);
}

Failure just_claimed(const std::string& id) {
  return {Reason::storage_failed,
          "another publisher has just claimed the dag_id \"" + printable(id) + "\". It will be tried again."};
}

}  // namespace

Result<DagIds> DagIdClaims::noted() const {
  auto text = storage_.held_dag_ids.read_file(owner_.name, kMaxDagIdListBytes);
  // What a note says that nobody can read stays claimed until the workspace is gone.
  if (!text && (text.error().code == ENOENT || text.error().code == EFBIG)) return DagIds();
  if (!text) return Storage::failure(text.error(), "read", storage_.held_dag_ids.path_of(owner_.name));
  return parse_dag_ids(*text).value_or(DagIds());
}

Result<void> DagIdClaims::note(const DagIds& ids) const {
  if (ids.empty()) {
    auto done = storage_.held_dag_ids.remove_file(owner_.name);
    if (!done && done.error().code == ENOENT) return {};
    if (done) done = storage_.held_dag_ids.sync();
    if (!done) return Storage::failure(done.error(), "remove", storage_.held_dag_ids.path_of(owner_.name));
    return {};
  }
  return storage_.replace_file(owner_.name, storage_.held_dag_ids, owner_.name, render(ids));
}

Result<std::optional<Holder>> DagIdClaims::owner_of(const std::string& id) const {
  const std::string name = file_of(id);
  auto text = storage_.dag_ids.read_file(name, kMaxClaimBytes);
  if (!text && text.error().code == ENOENT) return std::optional<Holder>();
  if (!text) return Storage::failure(text.error(), "read the claim", storage_.dag_ids.path_of(name));
  const auto json = Json::parse(*text);
  auto uid = json ? json->string_at("uid") : std::nullopt;
  const auto owner = json ? json->string_at("name") : std::nullopt;
  if (!uid || uid->empty() || !owner || !is_dns_label(*owner)) {
    return Failure{Reason::storage_failed, "the claim " + storage_.dag_ids.path_of(name) + " of the dag_id \"" +
                                               printable(id) +
                                               "\" is damaged, so nobody can say whose it is. Remove that file to let "
                                               "a workspace claim it anew."};
  }
  return std::optional(Holder{std::move(*uid), json->string_at("namespace").value_or(""), *owner});
}

Result<bool> DagIdClaims::still_counts(const Holder& owner) const {
  auto text = storage_.claims.read_file(owner.name, kMaxClaimBytes);
  if (!text && text.error().code == ENOENT) return false;
  if (!text) return Storage::failure(text.error(), "read the claim", storage_.claims.path_of(owner.name));
  const auto json = Json::parse(*text);
  const auto uid = json ? json->string_at("uid") : std::nullopt;
  return !uid || *uid == owner.uid;  // a damaged one is not ours to judge
}

// The fields let programs find the owner. A file may say anything: they must be short.
Failure DagIdClaims::taken(const std::string& id, const Holder& other) const {
  constexpr std::size_t kLongest = 253;
  Failure out{Reason::dag_id_taken,
              "the dag_id \"" + printable(id) + "\" in DataDomain " + owner_.data_domain +
                  " belongs to the Workspace " + printable(other.namespace_name + "/" + other.name) + " (uid " +
                  printable(other.uid) + "), and " + owner_.namespace_name + "/" + owner_.name + " (uid " + owner_.uid +
                  ") has a DAG of that id, too: Airflow would show either. Rename one of them, or take it out of the "
                  "other Workspace; it is tried again by itself."};
  out.fields = {{"dagId", id}};
  if (other.uid.size() <= kLongest && other.namespace_name.size() <= kLongest) {
    out.fields.insert(
        out.fields.end(),
        {{"holderNamespace", other.namespace_name}, {"holderName", other.name}, {"holderUid", other.uid}});
  }
  return out;
}

Result<DagIdClaims::Claimed> DagIdClaims::look_at(const std::string& id) const {
  auto owner = owner_of(id);
  if (!owner) return owner.error();
  if (!*owner) return Claimed::no;
  if ((*owner)->uid == owner_.uid) return Claimed::ours;
  auto counts = still_counts(**owner);
  if (!counts) return counts.error();
  if (*counts) return taken(id, **owner);
  return Claimed::left_behind;
}

Result<void> DagIdClaims::note_also(const DagIds& ids) const {
  auto held = noted();
  if (!held) return held.error();
  DagIds all = *held;
  all.insert(ids.begin(), ids.end());
  if (all == *held) return {};
  return note(all);
}

Result<void> DagIdClaims::create(const std::string& id) const {
  const std::string name = file_of(id);
  auto created = create_exclusively(storage_, {storage_.dag_ids, name}, owner_.name, render(id, owner_), patience_);
  if (!created) return Storage::failure(created.error(), "claim a dag_id by", storage_.dag_ids.path_of(name));
  if (*created) return {};
  auto now = look_at(id);
  if (!now) return now.error();
  if (*now == Claimed::ours) return {};
  return just_claimed(id);
}

Result<void> DagIdClaims::take_over(const std::vector<std::string>& ids) const {
  if (ids.empty()) return {};
  auto turn = take_turn(storage_.dag_ids, patience_);
  if (!turn) return turn.error();
  for (const std::string& id : ids) {
    auto now = look_at(id);
    if (!now) return now.error();
    if (*now == Claimed::no) {
      if (auto done = create(id); !done) return done;
    } else if (*now == Claimed::left_behind) {
      const std::string aside = Storage::temporary(owner_.name, "claim");
      auto done = storage_.tmp.write_file(aside, render(id, owner_));
      if (done) done = storage_.tmp.rename(aside, storage_.dag_ids, file_of(id));
      if (!done) return Storage::failure(done.error(), "take over", storage_.dag_ids.path_of(file_of(id)));
    }
  }
  return {};
}

Result<void> DagIdClaims::hold(const DagIds& ids) {
  if (ids.empty()) return {};
  std::vector<std::string> free;
  std::vector<std::string> left_behind;
  for (const std::string& id : ids) {
    auto now = look_at(id);
    if (!now) return now.error();
    if (*now == Claimed::no) free.push_back(id);
    if (*now == Claimed::left_behind) left_behind.push_back(id);
  }
  if (auto done = note_also(ids); !done) return done;
  for (const std::string& id : free) {
    if (auto done = create(id); !done) return done;
  }
  if (auto done = take_over(left_behind); !done) return done;
  // Also for those that an attempt before this one linked and did not live to see on disk.
  if (auto done = storage_.dag_ids.sync(); !done) {
    return Storage::failure(done.error(), "write", storage_.dag_ids.path());
  }
  // Where nothing locks, another may have had the same turn.
  for (const std::string& id : left_behind) {
    auto now = look_at(id);
    if (!now) return now.error();
    if (*now != Claimed::ours) return just_claimed(id);
  }
  return {};
}

Result<bool> DagIdClaims::crowded_by(const DagIds& ids) const {
  auto held = noted();
  if (!held) return held.error();
  return held->size() + ids.size() > kMaxNoted;
}

Result<void> DagIdClaims::keep_only(const DagIds& ids) {
  auto held = noted();
  if (!held) return held.error();
  if (std::includes(ids.begin(), ids.end(), held->begin(), held->end())) return {};
  for (const std::string& id : *held) {
    if (ids.contains(id)) continue;
    auto owner = owner_of(id);
    if (!owner) return owner.error();
    if (!*owner || (*owner)->uid != owner_.uid) continue;
    auto removed = storage_.dag_ids.remove_file(file_of(id));
    if (!removed) return Storage::failure(removed.error(), "give back", storage_.dag_ids.path_of(file_of(id)));
  }
  if (auto done = storage_.dag_ids.sync(); !done) {
    return Storage::failure(done.error(), "write", storage_.dag_ids.path());
  }
  DagIds kept;
  std::set_intersection(held->begin(), held->end(), ids.begin(), ids.end(), std::inserter(kept, kept.end()));
  return note(kept);
}

Result<void> claim_dag_ids(DagIdClaims& claims, const DagIds& ids, const FoundDagIds& found, const Folder& releases,
                           const Live& live) {
  const bool between_two = live.kind == Live::Kind::copy && live.release.empty();
  const auto keep_only_live_and = [&](DagIds kept) -> Result<void> {
    if (between_two) return {};
    auto shown = dag_ids_of_live(found, releases, live);
    if (!shown) return {};
    kept.merge(*shown);
    return claims.keep_only(kept);
  };
  auto crowded = claims.crowded_by(ids);
  if (!crowded) return crowded.error();
  if (*crowded) {
    if (auto done = keep_only_live_and(ids); !done) return done;
  }
  auto held = claims.hold(ids);
  if (!held && held.error().reason == Reason::dag_id_taken) {
    if (auto done = keep_only_live_and({}); !done) return done;
  }
  return held;
}

}  // namespace atelier::stage
