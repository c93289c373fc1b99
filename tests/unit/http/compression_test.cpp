#include "atelier/base/base64.h"
#include "unit/http/local_server.h"
#include "unit/http/port_fixture.h"

namespace atelier::http {
namespace {

// A million times the letter a, compressed.
constexpr const char* kMillion =
    "H4sIAAAAAAACA+3BgQAAAADDINb5SxzkVQEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    "AAAAAAAAAAAAAAAAAAAAAAAAAK8GvL8l3EBCDwA=";

class Compression : public testing::PortTest {
 protected:
  Compression() {
    endpoint_.base_url = server_.url;
    server_.serve = [this](testing::Peer& peer) {
      accepts_gzip_ = peer.request.find("\r\nAccept-Encoding: gzip\r\n") != std::string::npos;
      const std::string body = accepts_gzip_ ? *base64_decode(kMillion) : std::string(1'000'000, 'a');
      peer.write("HTTP/1.1 200 OK\r\n" + std::string(accepts_gzip_ ? "Content-Encoding: gzip\r\n" : "") +
                 "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    };
  }

  testing::LocalServer server_{loop_};
  bool accepts_gzip_ = false;
};

TEST_F(Compression, IsUndoneInAnswers) {
  EXPECT_EQ(ask(), std::string(1'000'000, 'a'));
  EXPECT_TRUE(accepts_gzip_);
}

TEST_F(Compression, CanBeSwitchedOff) {
  endpoint_.compression = false;
  EXPECT_EQ(ask().size(), 1'000'000U);
  EXPECT_FALSE(accepts_gzip_);
}

TEST_F(Compression, IsNotAskedForInStreams) {
  testing::Listener listener;
  const auto call = port().stream(get(), listener);
  ASSERT_TRUE(await([&] { return listener.ended.has_value(); }));
  EXPECT_EQ(listener.data.size(), 1'000'000U);
  EXPECT_FALSE(accepts_gzip_);
}

TEST_F(Compression, DoesNotMakeAnAnswerLongerThanItMayBe) {
  limits_.answer_bytes = 999'999;
  const auto answer = ask(get());
  ASSERT_TRUE(answer && !*answer);
  EXPECT_EQ(answer->error().code, Errc::server);
  EXPECT_EQ(answer->error().message, "GET /x: the answer is longer than 999999 bytes");
  EXPECT_TRUE(accepts_gzip_);
  limits_.answer_bytes = 1'000'000;
  port_.reset();
  EXPECT_EQ(ask().size(), 1'000'000U);
}

}  // namespace
}  // namespace atelier::http
