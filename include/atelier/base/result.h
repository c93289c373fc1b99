// The one error type and the one result alias of the project: expected failures are values.
#pragma once

#include <boost/outcome/basic_result.hpp>
#include <boost/outcome/policy/terminate.hpp>
#include <boost/outcome/try.hpp>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>

namespace atelier {

// What the caller does about a failure, not where it came from.
enum class Errc {
  not_found,       // the object is not there: create it, or treat its deletion as done
  already_exists,  // a create met an object of that name: look whose it is
  conflict,        // a precondition failed: read again, decide again
  gone,            // the resource version is too old: list again
  throttled,       // 429, or 503 with Retry-After: wait, then send the same again
  invalid,         // the input is wrong: tell its author, do not retry
  forbidden,       // a policy, a quota or a missing permission: tell, retry slowly
  unauthorized,    // credentials were refused: reload them
  transport,       // no complete answer: a write is "maybe applied", never "failed"
  cancelled,       // the caller withdrew the request
  server,          // 5xx without Retry-After, or an answer that breaks the protocol
};

std::string_view to_string(Errc code);

struct [[nodiscard]] Error {
  Error(Errc code_in, std::string message_in) : code(code_in), message(std::move(message_in)) {}

  Errc code;
  std::string message;                       // a sentence for a person; never a secret or a body
  int http_status = 0;                       // 0 where the failure is not an HTTP answer
  std::chrono::milliseconds retry_after{0};  // from the server; 0 where it gave none
};

template <class T>
using Result = boost::outcome_v2::basic_result<T, Error, boost::outcome_v2::policy::terminate>;

inline Error invalid(std::string message) { return {Errc::invalid, std::move(message)}; }

}  // namespace atelier

// TRY(name, expression): name is the value, or the enclosing function returns the error.
#define ATELIER_TRY(...) BOOST_OUTCOME_TRY(__VA_ARGS__)
