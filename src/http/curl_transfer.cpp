#include "http/curl_transfer.h"

#include <sys/socket.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <utility>

#include "atelier/base/text.h"
#include "atelier/http/authorities.h"

namespace atelier::http {
namespace {

constexpr long kConnectSeconds = 30;
constexpr long kKeepAliveIdleSeconds = 30;
constexpr long kKeepAliveIntervalSeconds = 15;
// Below the 90 s after which a Kubernetes API server closes an idle connection.
constexpr long kPooledSeconds = 60;

// What libcurl will take from the environment, unless NO_PROXY excepts the host.
std::string_view proxy_of_environment(const Endpoint& endpoint) {
  if (!endpoint.base_url.starts_with("https://")) return {};
  for (const char* name : {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}) {
    const char* value = std::getenv(name);
    if (value != nullptr && *value != '\0') return value;
  }
  return {};
}

curl_blob blob_of(const std::string& text) { return {const_cast<char*>(text.data()), text.size(), CURL_BLOB_COPY}; }

}  // namespace

CurlTransfer::CurlTransfer(Request request, Whole whole) : request_(std::move(request)), whole_(whole) {}

CurlTransfer::CurlTransfer(Request request, std::function<void()> arrived)
    : request_(std::move(request)), arrived_(std::move(arrived)) {}

CurlTransfer::~CurlTransfer() {
  if (easy_ != nullptr) curl_easy_cleanup(easy_);
  curl_slist_free_all(slist_);
  curl_slist_free_all(connect_to_);
}

CURL* CurlTransfer::prepare(const Endpoint& endpoint, const Credential& credential, const std::string& user_agent,
                            Millis timeout) {
  easy_ = curl_easy_init();
  if (easy_ == nullptr) return nullptr;
  curl_easy_setopt(easy_, CURLOPT_ERRORBUFFER, error_.data());
  curl_easy_setopt(easy_, CURLOPT_NOSIGNAL, 1L);
  // libcurl 7.88 joins its resolver's thread when a handle is removed: a slow DNS would stop the loop.
  curl_easy_setopt(easy_, CURLOPT_QUICK_EXIT, 1L);
  curl_easy_setopt(easy_, CURLOPT_PATH_AS_IS, 1L);
  curl_easy_setopt(easy_, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy_, CURLOPT_USERAGENT, user_agent.c_str());
  curl_easy_setopt(easy_, CURLOPT_HEADERFUNCTION, &CurlTransfer::on_header);
  curl_easy_setopt(easy_, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(easy_, CURLOPT_WRITEFUNCTION, &CurlTransfer::on_body);
  curl_easy_setopt(easy_, CURLOPT_WRITEDATA, this);
  if (timeout.count() > 0) curl_easy_setopt(easy_, CURLOPT_TIMEOUT_MS, static_cast<long>(timeout.count()));
  if (request_.idle_timeout.count() > 0) {
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(request_.idle_timeout).count();
    curl_easy_setopt(easy_, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(easy_, CURLOPT_LOW_SPEED_TIME, static_cast<long>(seconds));
  }
  if (whole_ && whole_->compressed) curl_easy_setopt(easy_, CURLOPT_ACCEPT_ENCODING, "gzip");
  set_url(endpoint);
  set_method();
  set_headers(endpoint, credential.bearer_token.empty() ? endpoint.bearer_token : credential.bearer_token);
  set_tls(endpoint, credential);
  set_connection(endpoint, credential.ca_pem.empty() ? endpoint.ca_pem : credential.ca_pem);
  return easy_;
}

// libcurl checks the certificate against the URL's host, so another name to check goes into the URL and the
// connection is led back to the host.
void CurlTransfer::set_url(const Endpoint& endpoint) {
  std::string base = endpoint.base_url;
  if (!endpoint.server_name.empty()) {
    const std::size_t start = base.find("://") == std::string::npos ? 0 : base.find("://") + 3;
    const std::size_t end = std::min(base.find('/', start), base.size());
    const std::string authority = base.substr(start, end - start);
    const std::size_t colon = authority.rfind(':');
    const bool has_port = colon != std::string::npos && authority.find(']', colon) == std::string::npos;
    const std::string port = has_port ? authority.substr(colon) : std::string{":443"};
    connect_to_ =
        curl_slist_append(nullptr, ("::" + authority.substr(0, has_port ? colon : authority.size()) + port).c_str());
    curl_easy_setopt(easy_, CURLOPT_CONNECT_TO, connect_to_);
    base.replace(start, authority.size(), endpoint.server_name + port);
  }
  curl_easy_setopt(easy_, CURLOPT_URL, (base + request_.target).c_str());
}

void CurlTransfer::set_method() {
  const bool has_body = !request_.body.empty() || request_.method == Method::post;
  if (has_body) {
    curl_easy_setopt(easy_, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
    curl_easy_setopt(easy_, CURLOPT_POSTFIELDS, request_.body.data());
  }
  if (request_.method == Method::head) curl_easy_setopt(easy_, CURLOPT_NOBODY, 1L);
  curl_easy_setopt(easy_, CURLOPT_CUSTOMREQUEST, std::string(to_string(request_.method)).c_str());
  const bool is_write = request_.method != Method::get && request_.method != Method::head;
  if (is_write || request_.may_send) {
    curl_easy_setopt(easy_, CURLOPT_PREREQFUNCTION, &CurlTransfer::on_sending);
    curl_easy_setopt(easy_, CURLOPT_PREREQDATA, this);
  }
}

// Called when there is a connection, right before the request goes out on it. A process that stands still while it
// connects may not be allowed to send any more when it goes on. And where a pooled connection ends before a byte of the
// answer, libcurl sends the request again by itself: the first of a write may still be carried out then, which only the
// caller can judge.
int CurlTransfer::on_sending(void* self, char*, char*, int, int) {
  auto& transfer = *static_cast<CurlTransfer*>(self);
  const Request& request = transfer.request_;
  const bool is_write = request.method != Method::get && request.method != Method::head;
  transfer.sent_twice_ = is_write && transfer.sent_;
  transfer.withheld_ = !transfer.sent_twice_ && request.may_send && !request.may_send();
  if (transfer.sent_twice_ || transfer.withheld_) return CURL_PREREQFUNC_ABORT;
  transfer.sent_ = true;
  return CURL_PREREQFUNC_OK;
}

void CurlTransfer::set_headers(const Endpoint& endpoint, const std::string& token) {
  const auto add = [this](const std::string& line) { slist_ = curl_slist_append(slist_, line.c_str()); };
  add("Expect:");  // no round trip before a body
  for (const auto& [name, value] : request_.headers) add(name + ": " + value);
  for (const auto& [name, value] : endpoint.headers) add(name + ": " + value);
  if (!token.empty()) add("Authorization: Bearer " + token);
  curl_easy_setopt(easy_, CURLOPT_HTTPHEADER, slist_);
}

void CurlTransfer::set_tls(const Endpoint& endpoint, const Credential& credential) {
  const std::string& authority = credential.ca_pem.empty() ? endpoint.ca_pem : credential.ca_pem;
  const bool renewed = !credential.client_cert_pem.empty();
  const std::string& certificate = renewed ? credential.client_cert_pem : endpoint.client_cert_pem;
  const std::string& key = renewed ? credential.client_key_pem : endpoint.client_key_pem;
  curl_easy_setopt(easy_, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (!authority.empty()) {
    const curl_blob blob = blob_of(authority);
    curl_easy_setopt(easy_, CURLOPT_CAINFO_BLOB, &blob);
    curl_easy_setopt(easy_, CURLOPT_CAPATH, nullptr);  // this authority alone, not the system's as well
  }
  if (!certificate.empty()) {
    const curl_blob blob = blob_of(certificate);
    curl_easy_setopt(easy_, CURLOPT_SSLCERT_BLOB, &blob);
    curl_easy_setopt(easy_, CURLOPT_SSLCERTTYPE, "PEM");
  }
  if (!key.empty()) {
    const curl_blob blob = blob_of(key);
    curl_easy_setopt(easy_, CURLOPT_SSLKEY_BLOB, &blob);
    curl_easy_setopt(easy_, CURLOPT_SSLKEYTYPE, "PEM");
  }
  if (endpoint.insecure) {
    curl_easy_setopt(easy_, CURLOPT_SSL_VERIFYPEER, 0L);
    curl_easy_setopt(easy_, CURLOPT_SSL_VERIFYHOST, 0L);
  }
}

void CurlTransfer::set_connection(const Endpoint& endpoint, const std::string& authority) {
  // Debian's libcurl 7.88 takes bodies cut short on HTTP/2 for complete ones.
  curl_easy_setopt(easy_, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(easy_, CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
  curl_easy_setopt(easy_, CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt(easy_, CURLOPT_TCP_KEEPIDLE, kKeepAliveIdleSeconds);
  curl_easy_setopt(easy_, CURLOPT_TCP_KEEPINTVL, kKeepAliveIntervalSeconds);
  curl_easy_setopt(easy_, CURLOPT_MAXAGE_CONN, kPooledSeconds);
  curl_easy_setopt(easy_, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);  // a proxy's 200 is not the server's
  if (endpoint.refuse_address) {
    refuse_address_ = endpoint.refuse_address;
    curl_easy_setopt(easy_, CURLOPT_OPENSOCKETFUNCTION, &CurlTransfer::on_open_socket);
    curl_easy_setopt(easy_, CURLOPT_OPENSOCKETDATA, this);
  }
  set_proxy(endpoint, authority);
}

void CurlTransfer::set_proxy(const Endpoint& endpoint, const std::string& authority) {
  if (endpoint.direct) {
    curl_easy_setopt(easy_, CURLOPT_PROXY, "");
    return;
  }
  const bool own = !endpoint.proxy_url.empty();
  std::string proxy{own ? endpoint.proxy_url : proxy_of_environment(endpoint)};
  if (own) curl_easy_setopt(easy_, CURLOPT_NOPROXY, "");  // NO_PROXY is about the environment's proxy
  // Hosts are looked up by the proxy, as client-go's does it: the API server's name may be known only there.
  constexpr std::string_view kSocks = "socks5://";
  const bool socks = proxy.starts_with(kSocks);
  if (socks) proxy.replace(0, kSocks.size(), "socks5h://");
  if (own || socks) curl_easy_setopt(easy_, CURLOPT_PROXY, proxy.c_str());
  // A proxy may be vouched for by the cluster's authority, as client-go has it, or by one of the system's.
  if (!proxy.starts_with("https://") || authority.empty()) return;
  static const std::string system = system_authorities();
  const std::string authorities = system + "\n" + authority;
  const curl_blob blob = blob_of(authorities);
  curl_easy_setopt(easy_, CURLOPT_PROXY_CAINFO_BLOB, &blob);
}

curl_socket_t CurlTransfer::on_open_socket(void* self, curlsocktype, curl_sockaddr* address) {
  auto& transfer = *static_cast<CurlTransfer*>(self);
  std::string refusal = transfer.refuse_address_(address->addr);
  if (refusal.empty()) return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
  transfer.refusal_ = std::move(refusal);
  return CURL_SOCKET_BAD;
}

std::size_t CurlTransfer::on_header(char* data, std::size_t size, std::size_t count, void* self) {
  static_cast<CurlTransfer*>(self)->header_line({data, size * count});
  return size * count;
}

std::size_t CurlTransfer::on_body(char* data, std::size_t size, std::size_t count, void* self) {
  auto& transfer = *static_cast<CurlTransfer*>(self);
  if (transfer.whole_ && transfer.body_.size() + size * count > transfer.whole_->longest) {
    transfer.too_long_ = true;
    return 0;  // ends the exchange
  }
  transfer.body_.append(data, size * count);
  if (transfer.arrived_) transfer.arrived_();
  return size * count;
}

void CurlTransfer::header_line(std::string_view line) {
  if (line.starts_with("HTTP/")) {  // also after an interim answer such as 100 Continue
    headers_.clear();
    const auto space = line.find(' ');
    status_ = 0;
    if (space != std::string_view::npos) std::from_chars(line.data() + space + 1, line.data() + line.size(), status_);
    return;
  }
  line = without_surrounding_space(line);
  if (line.empty()) {
    if (status_ < 200) return;
    head_complete_ = true;
    if (arrived_) arrived_();
    return;
  }
  const auto colon = line.find(':');
  if (colon == std::string_view::npos || head_complete_) return;  // a trailer after a chunked body is not needed
  std::string name{line.substr(0, colon)};
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  headers_.emplace_back(std::move(name), without_surrounding_space(line.substr(colon + 1)));
}

std::string CurlTransfer::name() const {
  return std::string(to_string(request_.method)) + " " + request_.target.substr(0, request_.target.find('?'));
}

Error may_not_send() { return {Errc::cancelled, "this process may not send it any more"}; }

Error CurlTransfer::failure(CURLcode code) {
  if (too_long_) {
    return {Errc::server, name() + ": the answer is longer than " + std::to_string(whole_->longest) + " bytes"};
  }
  if (!refusal_.empty() && code == CURLE_COULDNT_CONNECT) {
    return {Errc::forbidden, name() + ": " + refusal_};
  }
  if (withheld_) return may_not_send();
  if (sent_twice_) return {Errc::transport, name() + ": the connection ended before an answer came"};
  std::string words = curl_easy_strerror(code);
  if (error_[0] != '\0') words += ": " + std::string(error_.data());
  // With TLS 1.3 a client learns only from what it reads later that its certificate was not accepted.
  const bool alert = words.find(" alert ") != std::string::npos;
  tls_failed_ = code == CURLE_SSL_CONNECT_ERROR || code == CURLE_PEER_FAILED_VERIFICATION ||
                code == CURLE_SSL_CERTPROBLEM || code == CURLE_SSL_CACERT_BADFILE || alert;
  return {Errc::transport, name() + ": " + words};
}

}  // namespace atelier::http
