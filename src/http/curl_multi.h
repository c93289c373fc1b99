// libcurl's multi interface driven by Asio: waits for its sockets and its timer, and reports transfers that ended.
#pragma once

#include <curl/curl.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace atelier::http {

class CurlMulti {
 public:
  // Both run outside of libcurl, so they may add and remove handles. `ended` comes for each handle that ended,
  // which is removed already; `turn_over` after each round of input and output.
  struct Events {
    std::function<void(CURL*, CURLcode)> ended;
    std::function<void()> turn_over;
  };

  CurlMulti(boost::asio::io_context& context, Events events, long pooled_connections);
  ~CurlMulti();  // REQUIRES that every handle was removed, and that none of the events is running
  CurlMulti(const CurlMulti&) = delete;
  CurlMulti& operator=(const CurlMulti&) = delete;

  void add(CURL* easy);
  void remove(CURL* easy);

 private:
  struct Socket;

  static int on_socket(CURL* easy, curl_socket_t fd, int what, void* self, void* socket);
  static int on_timer(CURLM* multi, long timeout_ms, void* self);
  static int on_new_connection(void* self, curl_socket_t fd, curlsocktype purpose);
  static int on_close(void* self, curl_socket_t fd);
  void before_connecting();
  void break_readable_idle();
  void watch(curl_socket_t fd, int what);
  void await(const std::shared_ptr<Socket>& socket, bool write);
  void act(curl_socket_t fd, int mask);

  boost::asio::io_context& context_;
  Events events_;
  CURLM* multi_;
  boost::asio::steady_timer timer_;
  std::unordered_map<curl_socket_t, std::shared_ptr<Socket>> sockets_;  // that libcurl waits for
  std::unordered_set<curl_socket_t> connections_;                       // that libcurl has open
  std::unordered_set<curl_socket_t> broken_;                            // of them
  std::vector<CURL*> added_;                                            // since libcurl ran
  std::shared_ptr<CurlMulti*> self_;  // handlers hold it weakly: one may still be queued when this is destroyed
};

}  // namespace atelier::http
