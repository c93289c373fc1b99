// Reasons of a task that people approve.
#pragma once

namespace atelier::engine {

inline constexpr const char* kApproved = "Approved";
inline constexpr const char* kRejected = "Rejected";
inline constexpr const char* kApprovalRefused = "ApprovalRefused";
inline constexpr const char* kApprovalTimedOut = "ApprovalTimedOut";

}  // namespace atelier::engine
