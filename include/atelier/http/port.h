// The seam under which the network lies: HTTP as the rest of the program sees it. Real requests go through
// CurlPort; the simulator and the tests put their own port here.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "atelier/base/result.h"
#include "atelier/base/time.h"

namespace atelier::http {

enum class Method { get, head, post, put, patch, delete_ };

std::string_view to_string(Method method);  // "GET", "DELETE"

using Headers = std::vector<std::pair<std::string, std::string>>;

// Borrowed; null if absent. `lower_name` is lower-case, and so are the names in `headers`.
const std::string* find_header(const Headers& headers, std::string_view lower_name);

struct Request {
  Method method = Method::get;
  std::string target;  // path and query, already encoded
  Headers headers;
  std::string body;
  Millis timeout{0};       // of the whole exchange, waiting in the port's queue included; 0: none
  Millis idle_timeout{0};  // of streams: the longest silence, noticed some seconds late; 0: none
  // Asked when the request leaves the port's queue, and again when there is a connection, right before it is sent: if
  // not, it ends as `cancelled`. Empty: it always may.
  std::function<bool()> may_send = {};
};

struct Response {
  int status = 0;
  Headers headers;  // names in lower case
  std::string body;
};

// Destroying a call cancels it: none of its callbacks runs afterwards. It may be destroyed at any time, also
// within its own callback, and may outlive its port.
class Call {
 public:
  virtual ~Call() = default;
};

// Receives a stream: one on_head, any number of on_data, one on_end; or only on_end if no answer came.
class StreamHandler {
 public:
  virtual ~StreamHandler() = default;
  virtual void on_head(int status, const Headers& headers) = 0;
  virtual void on_data(std::string_view data) = 0;
  // Success means that the answer was complete. Error: transport.
  virtual void on_end(Result<void> result) = 0;
};

// All calls and callbacks happen on the port's loop; a callback never runs inside send() or stream(). A port must
// not be destroyed within one of its callbacks.
class Port {
 public:
  virtual ~Port() = default;

  // An answer of any status is a success. Error: transport, a write may have been applied, also with server, an answer
  // that is too long; cancelled, unauthorized, that is without credentials, or forbidden, see Endpoint::refuse_address:
  // it was not sent.
  [[nodiscard]] virtual std::unique_ptr<Call> send(Request request, std::function<void(Result<Response>)> done) = 0;
  // `handler` is borrowed until on_end or until the call is destroyed.
  [[nodiscard]] virtual std::unique_ptr<Call> stream(Request request, StreamHandler& handler) = 0;
};

}  // namespace atelier::http
