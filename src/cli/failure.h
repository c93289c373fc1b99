// What a verb ends with when it could not do what it was asked for.
#pragma once

#include <string>

#include "atelier/base/ids.h"
#include "atelier/base/result.h"

namespace atelier::cli {

inline constexpr int kDone = 0;
inline constexpr int kFailed = 1;  // the cluster, an object that is not there, a run that failed
inline constexpr int kUsage = 2;   // options, arguments, a file or a parameter

// The exit code of an error: what nobody but the caller can mend, before anything is asked of a cluster, is kUsage.
int exit_code_of(const Error& error);

// What was asked for, for the words about its failure.
struct Subject {
  std::string what;  // "run", "pipeline"
  ObjectKey key;     // the name may be empty: a list
};

// The error of a request about `subject` in words for people, with the remedy.
Error told(const Error& error, const Subject& subject, const std::string& server);

}  // namespace atelier::cli
