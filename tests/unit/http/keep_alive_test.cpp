// What the kernel is told of each connection, so that a peer that is gone without a word is noticed.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <optional>

#include "unit/http/local_server.h"
#include "unit/http/port_fixture.h"

namespace atelier::http {
namespace {

class KeepAlive : public testing::PortTest {
 protected:
  KeepAlive() { endpoint_.base_url = server_.url; }

  // The client's end of the connection: of all that is open, what leads to the server's port.
  std::optional<int> connection() {
    const std::uint16_t port = server_.peers.at(0)->socket.local_endpoint().port();
    for (int fd = 0; fd < 1024; ++fd) {
      sockaddr_in other{};
      socklen_t size = sizeof(other);
      const bool leads = getpeername(fd, reinterpret_cast<sockaddr*>(&other), &size) == 0;
      if (leads && other.sin_family == AF_INET && ntohs(other.sin_port) == port) return fd;
    }
    return std::nullopt;
  }

  static int option(int fd, int level, int name) {
    int value = -1;
    socklen_t size = sizeof(value);
    EXPECT_EQ(getsockopt(fd, level, name, &value, &size), 0);
    return value;
  }

  void expect_watched() {
    const auto fd = connection();
    ASSERT_TRUE(fd);
    EXPECT_EQ(option(*fd, SOL_SOCKET, SO_KEEPALIVE), 1);
    EXPECT_EQ(option(*fd, IPPROTO_TCP, TCP_KEEPIDLE), 30) << "seconds of silence before the first probe";
    EXPECT_EQ(option(*fd, IPPROTO_TCP, TCP_KEEPINTVL), 15);
    EXPECT_EQ(option(*fd, IPPROTO_TCP, TCP_USER_TIMEOUT), 60'000) << "milliseconds without an acknowledgement";
  }

  testing::LocalServer server_{loop_};
};

TEST_F(KeepAlive, IsOnForAConnectionThatIsPooled) {
  EXPECT_EQ(ask(), "hello");
  expect_watched();
}

TEST_F(KeepAlive, IsOnForAWatch) {
  server_.serve = [](testing::Peer& peer) { peer.begin_chunks(); };
  testing::Listener listener;
  const auto call = port().stream(get(), listener);
  ASSERT_TRUE(await([&] { return listener.status == 200; }));
  expect_watched();
}

}  // namespace
}  // namespace atelier::http
