#include "integration/kube/real_cluster.h"
#include "support/fault_proxy_wire.h"

namespace atelier::kube {
namespace {

using testing::Ending;

// Below HTTP: the client speaks TLS with the real server, through a proxy that does not.
class ConnectionsThatBreakBelowHttp : public testing::RealCluster {
 protected:
  Result<json> ask_at(const http::Endpoint& endpoint) {
    http::CurlPort port(loop_, endpoint, "atelier-test");
    return ask(get(kNamespaces, {"", ns_}), port);
  }
};

// In the middle of the handshake, of the answer's records, and between them.
TEST_F(ConnectionsThatBreakBelowHttp, AreNoAnswer) {
  testing::WireProxy proxy(loop_, config_.endpoint);
  const auto whole = ask_at(proxy.endpoint());
  ASSERT_TRUE(whole) << whole.error().message;
  const std::size_t all = proxy.passed_on();
  ASSERT_GT(all, 1'000U);
  int answered = 0;
  for (std::size_t bytes = 0; bytes < all; bytes += 61) {
    proxy.cut_after(bytes, bytes % 2 == 0 ? Ending::reset : Ending::close);
    const auto answer = ask_at(proxy.endpoint());
    if (!answer) {
      EXPECT_EQ(answer.error().code, Errc::transport) << bytes << " " << answer.error().message;
      continue;
    }
    // What comes behind the answer is not needed.
    EXPECT_EQ(answer.value(), whole.value()) << bytes;
    ++answered;
    EXPECT_GT(bytes, all - 200) << "of " << all;
  }
  EXPECT_LT(answered, 4);
}

}  // namespace
}  // namespace atelier::kube
