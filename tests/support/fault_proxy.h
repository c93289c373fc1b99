// An HTTP(S) proxy of a test, on the test's own loop: it stands between a client and an API server, passes bytes on as
// they are, and harms what its rules or the test say.
//
//   FaultProxy proxy(loop, config.endpoint);
//   proxy.on({.target = "watch=1"}, fault::Cut{{"\"second\""}});   // the first watch, right behind that text
//   CurlPort port(loop, proxy.endpoint(), "test");
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <string>
#include <vector>

#include "atelier/http/asio_loop.h"
#include "atelier/http/endpoint.h"
#include "support/fault_proxy_rules.h"

namespace atelier::testing {

struct ProxyState;
struct OwnCertificate;
class ClientConnection;

// Clients need no credentials: the proxy has those of its own endpoint. A token in a request is passed on. Every
// connection of a client has one of its own to the server. Destroyed before its loop.
class FaultProxy {
 public:
  enum class Face { plain, tls };

  FaultProxy(http::AsioLoop& loop, const http::Endpoint& server, Face face = Face::tls, unsigned short port = 0);
  ~FaultProxy();  // ends every connection
  FaultProxy(const FaultProxy&) = delete;
  FaultProxy& operator=(const FaultProxy&) = delete;

  unsigned short port() const { return port_; }
  const std::string& ca_pem() const;  // empty if the face is plain
  http::Endpoint endpoint() const;    // for clients

  std::shared_ptr<const Rule> on(Match match, Fault fault);
  void clear_rules();
  // Requests in order of arrival, with what has become of them so far.
  const std::vector<LogEntry>& log() const;
  std::size_t requests(const std::string& method, const std::string& part_of_target) const;

  // What happens to open connections now: to those with a watch, to those without a request, to all.
  void cut_watches(Ending ending);
  void cut_idle(Ending ending);
  void cut_all(Ending ending);
  std::size_t watches();  // open ones
  std::size_t idle();     // connections that wait for a request

  // Of watches, open and new, nothing comes until thaw(), which delivers what was held.
  void freeze();
  void thaw();

  void refuse();  // new connections, until listen(); open ones stay
  void listen();

 private:
  std::vector<std::shared_ptr<ClientConnection>> clients();
  void accept();

  boost::asio::io_context& io_;
  std::shared_ptr<ProxyState> state_;
  std::unique_ptr<OwnCertificate> certificate_;
  unsigned short port_;
  boost::asio::ip::tcp::acceptor acceptor_;
  std::vector<std::weak_ptr<ClientConnection>> clients_;
};

}  // namespace atelier::testing
