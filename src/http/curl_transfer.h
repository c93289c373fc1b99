// One exchange as libcurl sees it: an easy handle made of a request, and what arrived for it so far. It only
// collects; CurlPort hands things on outside of libcurl's callbacks.
#pragma once

#include <curl/curl.h>

#include <array>
#include <functional>
#include <optional>
#include <string>

#include "atelier/http/endpoint.h"
#include "atelier/http/port.h"

namespace atelier::http {

// Of a request whose `may_send` says no.
Error may_not_send();

class CurlTransfer {
 public:
  // How an answer that is taken as a whole may come.
  struct Whole {
    bool compressed = true;
    std::size_t longest = 0;  // bytes, decompressed
  };
  CurlTransfer(Request request, Whole whole);
  // An answer taken bit by bit: `arrived` is called within libcurl when something new is there; it must not touch
  // libcurl.
  CurlTransfer(Request request, std::function<void()> arrived);
  ~CurlTransfer();
  CurlTransfer(const CurlTransfer&) = delete;
  CurlTransfer& operator=(const CurlTransfer&) = delete;

  // Makes the handle; null if memory is short. `timeout` replaces the request's.
  CURL* prepare(const Endpoint& endpoint, const Credential& credential, const std::string& user_agent, Millis timeout);
  CURL* handle() const { return easy_; }

  const Request& request() const { return request_; }
  bool head_complete() const { return head_complete_; }
  int status() const { return status_; }
  Headers& headers() { return headers_; }
  std::string& body() { return body_; }            // what arrived and was not taken
  std::string name() const;                        // for messages: method and path
  Error failure(CURLcode code);                    // in libcurl's words
  bool tls_failed() const { return tls_failed_; }  // that was the failure

 private:
  static int on_sending(void* self, char* remote_ip, char* local_ip, int remote_port, int local_port);
  static curl_socket_t on_open_socket(void* self, curlsocktype purpose, curl_sockaddr* address);
  static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* self);
  void set_url(const Endpoint& endpoint);
  void set_method();
  void set_headers(const Endpoint& endpoint, const std::string& token);
  void set_tls(const Endpoint& endpoint, const Credential& credential);
  void set_connection(const Endpoint& endpoint, const std::string& authority);
  void set_proxy(const Endpoint& endpoint, const std::string& authority);
  void header_line(std::string_view line);

  Request request_;
  std::optional<Whole> whole_;
  std::function<void()> arrived_;
  CURL* easy_ = nullptr;
  curl_slist* slist_ = nullptr;
  curl_slist* connect_to_ = nullptr;
  std::array<char, CURL_ERROR_SIZE> error_{};
  int status_ = 0;
  bool head_complete_ = false;
  bool tls_failed_ = false;
  bool too_long_ = false;
  bool sent_ = false;
  bool sent_twice_ = false;
  bool withheld_ = false;  // it may not be sent
  std::function<std::string(const sockaddr&)> refuse_address_;
  std::string refusal_;  // of the last address that was refused
  Headers headers_;
  std::string body_;
};

}  // namespace atelier::http
