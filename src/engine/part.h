// What an execution keeps of each task beside the ledger.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "atelier/cel/value.h"
#include "atelier/engine/decide.h"
#include "engine/graph.h"

namespace atelier::engine {

// Why something that waits does not start.
enum class Hold : std::uint8_t {
  none,
  needs,      // predecessors have not ended
  all_tasks,  // one of `finally`
  word,       // what people said of a predecessor is not committed
  approval,
  suspended,
  withheld,  // its workspace is not admitted any more
  delay,     // between attempts
  lost,      // the attempt before is lost, which is not committed
  refused,   // the API refused the pod
  made,      // the pod was made, and no cache shows it
};

inline const Entry kNoEntry{};

// What is executed attempt by attempt: a task, or one item of a fan-out.
struct Unit {
  struct Rare {
    std::optional<RejectedCreate> rejected;
    std::optional<UnreadResults> unread;
    std::map<std::int64_t, WallTime> made;
    std::set<std::int64_t> gone;
  };

  std::int64_t item = kNoItem;
  const Entry* committed = &kNoEntry;
  Entry* entry = nullptr;            // in the ledger in the making
  std::vector<PodObservation> pods;  // by attempt
  std::unique_ptr<Rare> rare;
  Hold hold = Hold::none;
  bool ready = false;    // it wants a pod
  bool differs = false;  // `entry` from `committed`, as far as it matters
  std::optional<WallTime> wake;
  std::vector<Action> wanted;    // what looks for pods and ends them
  std::vector<Action> cleaning;  // what follows a commit

  // Null if none is seen.
  const PodObservation* pod(std::int64_t attempt) const;
  bool is_gone(std::int64_t attempt) const { return rare != nullptr && rare->gone.contains(attempt); }
  void see(PodObservation pod);
  Rare& have_rare();
};

struct Part {
  const Node* node = nullptr;
  TaskEntry* entry = nullptr;            // in the ledger in the making
  const TaskEntry* committed = nullptr;  // null: there is none
  Unit own;                              // of a fan-out it has no pods
  // Of a fan-out, while it is open:
  bool open = false;
  Hold gate = Hold::needs;      // why the turn of its items has not come
  const char* never = nullptr;  // why it never will
  std::vector<Unit> items;
  std::vector<cel::Value> values;
  std::string no_list;                               // why they could not be made again
  std::array<std::size_t, 6> counts{};               // of items, by TaskState
  std::map<Attempt, PodObservation> early;           // pods of items, while it is not open
  std::set<std::int64_t> ready;                      // what wants a pod
  std::size_t unseen = 0;                            // items whose pod was made and is not seen
  mutable std::map<std::string, std::string> lists;  // its results, once asked for
  bool word = false;                                 // it ended by what people said, which is not committed
  bool by_request = false;  // it was skipped on request, or needs or reads one that was, however far

  const api::Task& task() const { return *node->task; }
  bool is_fan_out() const { return node->task->for_each.has_value() && !node->task->approval; }
  std::size_t count(TaskState state) const { return counts[static_cast<std::size_t>(state)]; }
};

// Whether the pod will not run any more.
bool has_ended(const PodObservation& pod);

}  // namespace atelier::engine
