// A verb's way to the cluster: questions one after another, on a loop that runs while an answer is awaited.
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "atelier/base/loop.h"
#include "atelier/base/result.h"
#include "atelier/http/port.h"

namespace atelier::cli {

// What every verb that needs a cluster takes.
struct ClusterOptions {
  std::string kubeconfig;
  std::string context;
  std::string ns;  // empty: the context's
};

class Session {
 public:
  // Borrowed. `run` lets the loop run until `stop` is called on it.
  struct Parts {
    http::Port& port;
    Loop& loop;
    Random& random;
    std::function<void()> run;
    std::function<void()> stop;
  };

  Session(Parts parts, std::string ns, std::string server)
      : parts_(parts), ns_(std::move(ns)), server_(std::move(server)) {}
  virtual ~Session() = default;
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // The document of a 2xx answer. Error: as kube::answer_of.
  Result<nlohmann::json> ask(http::Request request);
  // Its bytes.
  Result<std::string> read(http::Request request);

  const std::string& ns() const { return ns_; }
  const std::string& server() const { return server_; }  // its address, for people
  WallTime now() const { return parts_.loop.wall_now(); }
  const Parts& parts() const { return parts_; }

 private:
  Result<http::Response> exchange(http::Request request);

  Parts parts_;
  std::string ns_;
  std::string server_;
};

// Connects as kubectl does: see docs/reference/kubeconfig.md. Nothing is sent yet. Error: transport, with the remedy.
Result<std::unique_ptr<Session>> connect(const ClusterOptions& options);

}  // namespace atelier::cli
