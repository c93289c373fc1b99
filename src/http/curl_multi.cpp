#include "http/curl_multi.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <mutex>

namespace atelier::http {
namespace {

constexpr unsigned kUnacknowledgedMillis = 60'000;
// On so many dead connections of its pool libcurl tries a request, and closes them. It looks for others once a second.
constexpr std::size_t kMostRetries = 5;

}  // namespace

struct CurlMulti::Socket {
  Socket(boost::asio::io_context& context, curl_socket_t fd_in) : descriptor(context), fd(fd_in) {
    boost::system::error_code ignored;  // a descriptor that epoll refuses ends in a time-out
    static_cast<void>(descriptor.assign(fd, ignored));
  }
  ~Socket() { close(); }
  // libcurl owns the descriptor: it is given back, not closed.
  void close() {
    if (descriptor.is_open()) descriptor.release();
    wanted = CURL_POLL_NONE;
  }

  boost::asio::posix::stream_descriptor descriptor;
  curl_socket_t fd;
  int wanted = CURL_POLL_NONE;
  bool awaiting[2] = {false, false};  // to read, to write
};

CurlMulti::CurlMulti(boost::asio::io_context& context, Events events, long pooled_connections)
    : context_(context), events_(std::move(events)), timer_(context), self_(std::make_shared<CurlMulti*>(this)) {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  multi_ = curl_multi_init();
  curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &CurlMulti::on_socket);
  curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &CurlMulti::on_timer);
  curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_PIPELINING, static_cast<long>(CURLPIPE_NOTHING));
  curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, pooled_connections);
}

CurlMulti::~CurlMulti() {
  curl_multi_cleanup(multi_);  // closes the pooled connections, which still calls on_socket
  for (auto& [fd, socket] : sockets_) socket->close();
}

void CurlMulti::add(CURL* easy) {
  curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, &CurlMulti::on_new_connection);
  curl_easy_setopt(easy, CURLOPT_SOCKOPTDATA, this);
  curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, &CurlMulti::on_close);
  curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, this);  // kept with the connection, for as long as it is pooled
  added_.push_back(easy);
  curl_multi_add_handle(multi_, easy);
}

void CurlMulti::remove(CURL* easy) {
  std::erase(added_, easy);
  curl_multi_remove_handle(multi_, easy);
}

// What was sent and not acknowledged for a minute ends the connection: keep-alive probes do not run meanwhile.
int CurlMulti::on_new_connection(void* self, curl_socket_t fd, curlsocktype) {
  setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &kUnacknowledgedMillis, sizeof(kUnacknowledgedMillis));
  static_cast<CurlMulti*>(self)->connections_.insert(fd);
  return CURL_SOCKOPT_OK;
}

int CurlMulti::on_close(void* self, curl_socket_t fd) {
  auto& multi = *static_cast<CurlMulti*>(self);
  multi.connections_.erase(fd);
  multi.broken_.erase(fd);
  return ::close(fd);
}

void CurlMulti::before_connecting() {
  if (added_.empty()) return;
  break_readable_idle();
  if (broken_.size() >= kMostRetries) {
    for (CURL* easy : added_) curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
  }
  added_.clear();
}

// An idle connection has nothing to say. libcurl 7.88 notices one that was closed, and takes what comes unasked on any
// other for the answer to the next request that is sent there. It sends nothing on one that was broken off, and what
// lay in the buffer is gone with it.
void CurlMulti::break_readable_idle() {
  std::vector<pollfd> idle;
  for (const curl_socket_t fd : connections_) {
    if (!sockets_.contains(fd) && !broken_.contains(fd)) idle.push_back({fd, POLLIN, 0});
  }
  if (idle.empty() || ::poll(idle.data(), idle.size(), 0) <= 0) return;
  const sockaddr nothing{.sa_family = AF_UNSPEC, .sa_data = {}};
  for (const pollfd& one : idle) {
    if (one.revents == 0) continue;
    static_cast<void>(::connect(one.fd, &nothing, sizeof(nothing)));
    broken_.insert(one.fd);
  }
}

int CurlMulti::on_socket(CURL*, curl_socket_t fd, int what, void* self, void*) {
  static_cast<CurlMulti*>(self)->watch(fd, what);
  return 0;
}

void CurlMulti::watch(curl_socket_t fd, int what) {
  if (what == CURL_POLL_REMOVE) {
    const auto at = sockets_.find(fd);
    if (at == sockets_.end()) return;
    at->second->close();
    sockets_.erase(at);
    return;
  }
  auto& socket = sockets_[fd];
  if (!socket) socket = std::make_shared<Socket>(context_, fd);
  socket->wanted = what;
  await(socket, false);
  await(socket, true);
}

void CurlMulti::await(const std::shared_ptr<Socket>& socket, bool write) {
  const bool wanted = (socket->wanted & (write ? CURL_POLL_OUT : CURL_POLL_IN)) != 0;
  if (!wanted || socket->awaiting[write]) return;
  socket->awaiting[write] = true;
  using Wait = boost::asio::posix::stream_descriptor;
  socket->descriptor.async_wait(write ? Wait::wait_write : Wait::wait_read, [weak = std::weak_ptr(self_), socket,
                                                                             write](boost::system::error_code error) {
    socket->awaiting[write] = false;
    const auto self = weak.lock();
    if (!self || socket->wanted == CURL_POLL_NONE) return;  // removed meanwhile
    const int ready = write ? CURL_CSELECT_OUT : CURL_CSELECT_IN;
    const bool wanted_still = (socket->wanted & (write ? CURL_POLL_OUT : CURL_POLL_IN)) != 0;
    if (!wanted_still) return;
    CurlMulti& multi = **self;
    multi.act(socket->fd, error ? CURL_CSELECT_ERR : ready);
    if (socket->wanted == CURL_POLL_NONE) return;  // removed by what just happened
    multi.await(socket, false);
    multi.await(socket, true);
  });
}

int CurlMulti::on_timer(CURLM*, long timeout_ms, void* self) {
  auto& multi = *static_cast<CurlMulti*>(self);
  if (timeout_ms < 0) {
    multi.timer_.cancel();
    return 0;
  }
  multi.timer_.expires_after(std::chrono::milliseconds{timeout_ms});
  multi.timer_.async_wait([weak = std::weak_ptr(multi.self_)](boost::system::error_code error) {
    const auto alive = weak.lock();
    if (error || !alive) return;
    (*alive)->act(CURL_SOCKET_TIMEOUT, 0);
  });
  return 0;
}

void CurlMulti::act(curl_socket_t fd, int mask) {
  before_connecting();
  int running = 0;
  curl_multi_socket_action(multi_, fd, mask, &running);
  int left = 0;
  while (CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    CURL* easy = message->easy_handle;
    const CURLcode code = message->data.result;
    curl_multi_remove_handle(multi_, easy);
    events_.ended(easy, code);
  }
  events_.turn_over();
}

}  // namespace atelier::http
