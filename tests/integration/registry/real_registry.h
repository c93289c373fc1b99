// docker-registry on 127.0.0.1, as a child of the test.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "atelier/http/asio_processes.h"
#include "atelier/http/port.h"

namespace atelier::testing {

// A folder for what a registry needs, gone at the end.
class RegistryFolder {
 public:
  RegistryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "registry-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~RegistryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  RegistryFolder(const RegistryFolder&) = delete;
  RegistryFolder& operator=(const RegistryFolder&) = delete;

  std::string file(const std::string& name, const std::string& text) const {
    const std::string path = (path_ / name).string();
    std::ofstream{path, std::ios::binary} << text;
    return path;
  }
  std::string path(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

class RealRegistry {
 public:
  // `settings` are those of its file but for storage and address, with its tls beneath "http".
  RealRegistry(http::AsioLoop& loop, const RegistryFolder& folder, nlohmann::json settings) : processes_(loop) {
    port_ = free_port(loop);
    const bool tls = settings["http"].contains("tls");
    url = std::string(tls ? "https" : "http") + "://127.0.0.1:" + std::to_string(port_);
    settings["version"] = "0.1";
    settings["log"] = {{"level", "error"}, {"accesslog", {{"disabled", true}}}};
    settings["storage"] = {{"filesystem", {{"rootdirectory", folder.path("storage")}}}};
    settings["http"]["addr"] = "127.0.0.1:" + std::to_string(port_);
    Command command;
    command.argv = {"docker-registry", "serve", folder.file("config-" + std::to_string(port_), settings.dump())};
    command.env = {{"OTEL_TRACES_EXPORTER", "none"}};
    command.timeout = std::chrono::minutes{5};
    process_ = processes_.run(std::move(command), [this](ProcessEnd end) { died = end.diagnostics + end.output; });
  }

  bool answers() const {
    boost::asio::io_context context;
    boost::asio::ip::tcp::socket socket{context};
    boost::system::error_code error;
    const auto loopback = boost::asio::ip::address_v4::loopback();
    return !socket.connect({loopback, port_}, error);
  }

  std::string url;
  std::string died;  // what it said then

 private:
  static unsigned short free_port(http::AsioLoop& loop) {
    const boost::asio::ip::tcp::endpoint any{boost::asio::ip::address_v4::loopback(), 0};
    return boost::asio::ip::tcp::acceptor{loop.context(), any}.local_endpoint().port();
  }

  http::AsioProcesses processes_;
  unsigned short port_ = 0;
  std::unique_ptr<Process> process_;
};

}  // namespace atelier::testing
