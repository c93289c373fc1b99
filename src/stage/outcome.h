// What a step tells the operator: one JSON object of at most 4096 bytes (the kubelet's limit for a termination
// message) and an exit code. The operator reads both; reasons and codes are therefore an interface.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "stage/expected.h"

namespace atelier::stage {

// Exit codes say who can help: the caller (2), the team (10), the platform (20), whoever owns the name (30),
// nobody, because a newer publisher has won (40).
enum class Reason {
  dags_folder_missing,   // 10: the path does not exist in the image or in the staging area
  dags_folder_empty,     // 10: no regular file to publish
  dags_not_readable,     // 10: a file the forced user may not read
  dags_refused,          // 10: links, special files, set-uid bits, unclean names, too many, too big
  preflight_failed,      // 10: Python that cannot be read
  staging_changed,       // 10: the tree is not the one that was checked
  results_missing,       // 10: a task that declares results wrote none
  results_too_large,     // 10
  results_invalid,       // 10: not UTF-8
  results_unreadable,    // 10: a link, a special file, or one that this user may not read
  storage_not_writable,  // 20: EACCES, EPERM, EROFS
  storage_full,          // 20: ENOSPC, EDQUOT
  storage_failed,        // 20: any other error of the storage
  release_missing,       // 10: the release to go back to is not on the storage
  release_damaged,       // 20: it is, and is not what was published
  name_taken,            // 30: another workspace holds the name in this DataDomain
  dag_id_taken,          // 30: another workspace of the DataDomain has a DAG of that id; a failed preflight, too
  path_occupied,         // 30: something that Atelier did not put there is in the way
  superseded,            // 40: a newer publish of the same workspace has begun
  usage_error,           // 2
};

std::string_view name_of(Reason reason);  // CamelCase, as in Kubernetes conditions
int exit_code_of(Reason reason);

// `message` says what is wrong and what to do, in printable text.
struct Failure {
  Reason reason = Reason::storage_failed;
  std::string message;
  std::vector<std::pair<std::string, std::string>> fields{};  // the same for programs
};

template <class T>
using Result = Expected<T, Failure>;

class Outcome {
 public:
  static constexpr std::size_t kMaxBytes = 4096;
  using Value = std::variant<std::string, std::uint64_t, bool, std::vector<std::string>>;

  explicit Outcome(std::string step) : step_(std::move(step)) {}

  Outcome& with(std::string key, Value value);
  Outcome& fail(Failure failure);
  Outcome& print(std::string text);  // this is what standard output gets, in place of json()

  bool ok() const { return !failed_; }
  const Failure& failure() const { return failure_; }
  int exit_code() const { return failed_ ? exit_code_of(failure_.reason) : 0; }

  // Always valid JSON within kMaxBytes: a long message is cut, then long lists are, which `"truncated":true` tells.
  std::string json() const;
  std::string output() const { return printed_ ? *printed_ : json() + "\n"; }

 private:
  std::string rendered(std::size_t message_bytes, std::size_t list_items, bool truncated) const;

  std::string step_;
  std::vector<std::pair<std::string, Value>> fields_;
  Failure failure_;
  std::optional<std::string> printed_;
  bool failed_ = false;
};

}  // namespace atelier::stage
