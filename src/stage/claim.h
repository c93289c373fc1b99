// Who holds a workspace's name in a DataDomain: a file, created exclusively, with the holder's UID.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "stage/storage.h"

namespace atelier::stage {

struct Holder {
  std::string uid;
  std::string namespace_name;
  std::string name;           // of the Workspace, and the name held
  std::string data_domain{};  // for messages; not part of the claim
};

// Holding it means that the name is ours and that no other publisher or sweep of it runs; the lock goes with the
// object. Where the storage has no locks (some NFS), only the name is certain, and sequences order the publishers.
class Claim {
 public:
  // Creates the claim if the name is free. NameTaken if it belongs to another UID, StorageFailed if another
  // publisher or sweep still holds the lock after `patience`.
  static Result<Claim> take(const Storage& storage, const Holder& holder, std::chrono::milliseconds patience);

  // The same for a sweep, which creates nothing: empty if there is no claim or another UID has it; `found` tells.
  enum class Found { ours, absent, foreign };
  struct Search;
  static Result<Search> find(const Storage& storage, const std::string& workspace, const std::string& uid,
                             std::chrono::milliseconds patience);

  // Gives the name up: the last step of a sweep.
  Result<void> remove(const Storage& storage) &&;

 private:
  Claim(Descriptor file, std::string workspace) : file_(std::move(file)), workspace_(std::move(workspace)) {}

  Descriptor file_;
  std::string workspace_;
};

struct Claim::Search {
  Found found = Found::absent;
  std::optional<Claim> claim;      // engaged if `ours`
  std::optional<Holder> holder{};  // engaged if `foreign`
};

}  // namespace atelier::stage
