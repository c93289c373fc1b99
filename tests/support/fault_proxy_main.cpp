// fault-proxy: the fault proxy as a program. Commands come on standard input, see fault_proxy_command.h; the answers
// and, first of all, "listening PORT" go to standard output. It ends with its input.
#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/read_until.hpp>
#include <cstdio>

#include "atelier/http/asio_processes.h"
#include "atelier/kube/config.h"
#include "support/fault_proxy_command.h"

namespace atelier::testing {
namespace {

class Console {
 public:
  Console(http::AsioLoop& loop, FaultProxy& proxy)
      : loop_(loop), proxy_(proxy), in_(loop.context(), dup(STDIN_FILENO)) {
    read();
  }

 private:
  void read() {
    boost::asio::async_read_until(in_, boost::asio::dynamic_buffer(text_), '\n',
                                  [this](boost::system::error_code error, std::size_t size) {
                                    if (error) return loop_.stop();
                                    std::fputs(perform(proxy_, text_.substr(0, size - 1)).c_str(), stdout);
                                    std::fflush(stdout);
                                    text_.erase(0, size);
                                    read();
                                  });
  }

  http::AsioLoop& loop_;
  FaultProxy& proxy_;
  boost::asio::posix::stream_descriptor in_;
  std::string text_;
};

// For its owner alone: there may be a token in it.
bool write_file(const std::string& path, const std::string& text) {
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return false;
  const bool whole = write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  return close(fd) == 0 && whole;
}

int run(const std::string& kubeconfig, const std::string& out, unsigned short port, bool plain) {
  http::AsioLoop loop;
  http::AsioProcesses processes{loop};
  const auto config = kube::load_config(kubeconfig, {}, loop, processes);
  if (!config) {
    std::fprintf(stderr, "fault-proxy: %s\n", config.error().message.c_str());
    return 1;
  }
  const http::Endpoint& server = config.value().endpoint;
  FaultProxy proxy(loop, server, plain ? FaultProxy::Face::plain : FaultProxy::Face::tls, port);
  if (!out.empty() && !write_file(out, kubeconfig_through(proxy, server))) {
    std::fprintf(stderr, "fault-proxy: %s cannot be written\n", out.c_str());
    return 1;
  }
  std::printf("listening %d\n", proxy.port());
  std::fflush(stdout);
  const Console console(loop, proxy);
  loop.run();
  return 0;
}

}  // namespace
}  // namespace atelier::testing

int main(int argc, char** argv) {
  CLI::App app{"A proxy before a Kubernetes API server that harms what passes", "fault-proxy"};
  std::string kubeconfig;
  std::string out;
  unsigned short port = 0;
  bool plain = false;
  app.add_option("--kubeconfig", kubeconfig, "Of the API server; otherwise as every client finds it");
  app.add_option("--write-kubeconfig", out, "Where to write a kubeconfig that leads through the proxy");
  app.add_option("--port", port, "On 127.0.0.1; 0 is a free one");
  app.add_flag("--plain", plain, "HTTP to the clients instead of HTTPS");
  CLI11_PARSE(app, argc, argv);
  return atelier::testing::run(kubeconfig, out, port, plain);
}
