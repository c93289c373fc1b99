// The committed truth about a run: what its status remembers of every task when the pods are gone.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "atelier/base/result.h"
#include "atelier/base/time.h"

namespace atelier::engine {

enum class TaskState { waiting, running, succeeded, failed, skipped, cancelled };
enum class RunPhase { pending, running, succeeded, failed, cancelled };

std::string_view to_string(TaskState state);  // "Waiting", ... as api::TaskStatus::state
std::string_view to_string(RunPhase phase);   // "Pending", ... as api::PipelineRunStatus::phase

inline bool ended(TaskState state) { return state != TaskState::waiting && state != TaskState::running; }
inline bool ended(RunPhase phase) { return phase != RunPhase::pending && phase != RunPhase::running; }

using Results = std::map<std::string, std::string>;

// What is remembered of a task, or of one item of a fan-out. Attempts up to `attempt` have ended, but for the one that
// is running.
struct Entry {
  TaskState state = TaskState::waiting;
  std::int64_t attempt = 0;                   // the latest whose pod was seen; 0 before the first
  std::int64_t restarts = 0;                  // ended attempts that the cluster ended, not the task
  std::int64_t out_of_memory = 0;             // ended attempts that ran out of memory
  std::string reason;                         // of the latest attempt's end, or what holds up its pod
  std::string message;                        // bounded
  std::optional<WallTime> started, finished;  // of the latest attempt
  std::optional<WallTime> next_attempt_at;    // waiting for a retry
  std::optional<WallTime> since;  // with a total timeout: the first pod's creation; of an approval: its wait
  Results results;                // those that other tasks consume
  // SHA-256 of the text in which `results` are kept outside of the ledger: all that a task with large results wrote,
  // or a page of items' results.
  std::string stored;

  bool operator==(const Entry&) const = default;
};

// Equal, but for results.
bool are_alike(const Entry& one, const Entry& other);

// Of a fan-out the entry tells what became of all items together, and there is one entry for each, without times, once
// the items are known.
struct TaskEntry : Entry {
  std::vector<Entry> items;

  bool operator==(const TaskEntry&) const = default;
};

inline constexpr const char* kSkippedOnRequest = "SkippedOnRequest";  // the reason of a task that spec.skip names

struct Ledger {
  RunPhase phase = RunPhase::pending;
  std::string reason;   // of the run's end, or what keeps it from going on
  std::string message;  // bounded
  std::string refused;  // bounded: what was asked of the run and cannot be done
  std::optional<WallTime> completed;
  std::optional<WallTime> finally_since;   // when all tasks had ended; only where there is a `finally`
  std::map<std::string, TaskEntry> tasks;  // a task without an entry waits and was never started
  bool trimmed = false;  // messages, and times of what has ended, were shortened or left out: they took too much room

  bool operator==(const Ledger&) const = default;
};

inline constexpr std::size_t kLargestState = 60U << 10U;  // encoded; the CRD's limit of status.state is 64 Ki

// Compact JSON, zstd, base64. Equal ledgers give equal texts; decode(encode(x)) is x, without results that are stored.
std::string encode(const Ledger& ledger);
// The empty text is the empty ledger. Error: invalid, for any other text that encode() did not write.
Result<Ledger> decode(std::string_view text);

// Shortens messages, then leaves them out, those of ended tasks first, then times, until the encoded ledger has at most
// kLargestState bytes, and notes that it did. What has been made to fit is not changed again.
void fit(Ledger& ledger);
// encode() of the ledger when it was made to fit, into `largest` bytes where there is less room than for the largest
// state. More where the names and results of tasks alone take it.
std::string encode_to_fit(const Ledger& ledger, std::size_t largest = kLargestState);

}  // namespace atelier::engine
