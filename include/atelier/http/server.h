// A small HTTP server for probes and metrics: GET and HEAD over HTTP/1.1, answered on the loop.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "atelier/base/result.h"
#include "atelier/base/time.h"

namespace atelier::http {

class AsioLoop;

struct ServerRequest {
  std::string path;   // as it was sent, up to the question mark: not decoded
  std::string query;  // what follows it
};

struct ServerResponse {
  int status = 200;
  std::string body = {};
  std::string content_type = "text/plain; charset=utf-8";
};

struct ServerLimits {
  std::size_t connections = 64;    // for one more, the oldest is closed
  std::size_t head_bytes = 8'192;  // of a request line and its headers
  Millis timeout{10'000};          // until a request is there, silence before it included; until its answer was taken
};

// Everything that is no GET or HEAD of a path is answered here, with 400, 405 or 431; HEAD is answered with the head of
// what GET would have. A handler that throws is a 500.
class Server {
 public:
  using Handler = std::function<ServerResponse(const ServerRequest&)>;

  // `address` is "127.0.0.1:8080", "[::1]:8080", or ":8080" for all addresses of the machine; port 0 is one that is
  // free. `handler` runs on `loop`, which is borrowed. Error: invalid, naming the address.
  static Result<std::unique_ptr<Server>> listen(AsioLoop& loop, const std::string& address, Handler handler,
                                                ServerLimits limits = {});
  ~Server();  // closes every connection

  const std::string& address() const { return address_; }  // with the port that was bound

 private:
  class Listener;

  Server(std::shared_ptr<Listener> listener, std::string address);

  std::shared_ptr<Listener> listener_;
  std::string address_;
};

}  // namespace atelier::http
