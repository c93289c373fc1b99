// The committed truth about a run: what its status remembers of every task when the pods are gone.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

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

// Attempts up to `attempt` have ended, but for the one that is running.
struct TaskEntry {
  TaskState state = TaskState::waiting;
  std::int64_t attempt = 0;                   // the latest whose pod was seen; 0 before the first
  std::int64_t restarts = 0;                  // ended attempts that the cluster ended, not the task
  std::string reason;                         // of the latest attempt's end, or what holds up its pod
  std::string message;                        // bounded
  std::optional<WallTime> started, finished;  // of the latest attempt
  std::optional<WallTime> next_attempt_at;    // waiting for a retry
  std::optional<WallTime> since;  // with a total timeout: the first pod's creation; of an approval: its wait
  Results results;                // those that other tasks consume

  bool operator==(const TaskEntry&) const = default;
};

struct Ledger {
  RunPhase phase = RunPhase::pending;
  std::string reason;   // of the run's end, or what keeps it from going on
  std::string message;  // bounded
  std::string refused;  // bounded: what was asked of the run and cannot be done
  std::optional<WallTime> completed;
  std::optional<WallTime> finally_since;   // when all tasks had ended; only where there is a `finally`
  std::map<std::string, TaskEntry> tasks;  // a task without an entry waits and was never started

  bool operator==(const Ledger&) const = default;
};

// Compact JSON, zstd, base64. Equal ledgers give equal texts; decode(encode(x)) is x.
std::string encode(const Ledger& ledger);
// The empty text is the empty ledger. Error: invalid, for any other text that encode() did not write.
Result<Ledger> decode(std::string_view text);

}  // namespace atelier::engine
