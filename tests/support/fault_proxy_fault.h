// What the fault proxy may do to a request and to its answer.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "atelier/base/time.h"
#include "atelier/http/port.h"

namespace atelier::testing {

// RST, or FIN without a word of TLS or HTTP before it.
enum class Ending { reset, close };

// A place in the raw bytes of an answer, head and chunk sizes included: so many bytes behind the end of the first
// `marker`, or behind the start if there is none.
struct Place {
  std::string marker = {};
  std::size_t bytes = 0;
};

namespace fault {

struct None {};
struct ResetBeforeRequest {};  // the server hears nothing of the request
struct Swallow {};             // the same, and the client waits for ever
// At 0: the server has answered, the client hears nothing of it.
struct Cut {
  Place at = {};
  Ending ending = Ending::reset;
};
struct Stall {  // nothing more comes, the connection stays open
  Place at = {};
};
struct DelayRequest {  // the server gets it later, also when the client has given it up
  Millis by;
};
struct DelayAnswer {
  Millis by;
};
struct Answer {  // in the server's place, which hears nothing
  std::string bytes;
  bool close = false;  // afterwards
};
struct Duplicate {};  // the server gets the request twice, the client its second answer
struct Slice {        // the answer comes in pieces of so many bytes
  std::size_t size;
};
struct Rewrite {  // the server gets another target
  std::function<std::string(const std::string&)> target;
};

}  // namespace fault

using Fault =
    std::variant<fault::None, fault::ResetBeforeRequest, fault::Swallow, fault::Cut, fault::Stall, fault::DelayRequest,
                 fault::DelayAnswer, fault::Answer, fault::Duplicate, fault::Slice, fault::Rewrite>;

std::string_view name_of(const Fault& fault);  // "cut"; empty for none

// A whole answer with its length.
std::string http_answer(int status, const http::Headers& headers, std::string_view body);
// One that a Kubernetes API server gives to what it refuses: a metav1.Status.
std::string status_answer(int code, std::string_view reason, const http::Headers& headers = {});
// The head of a chunked 200, the chunks, and the end if it is `complete`.
std::string chunked_answer(const std::vector<std::string>& chunks, bool complete);

}  // namespace atelier::testing
