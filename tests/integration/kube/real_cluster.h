// A test on a real API server: a loop, a port, and a namespace of its own that is deleted afterwards.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "atelier/http/asio_loop.h"
#include "atelier/http/asio_processes.h"
#include "atelier/http/curl_port.h"
#include "atelier/kube/config.h"
#include "atelier/kube/request.h"
#include "atelier/kube/status_error.h"

namespace atelier::testing {

class RealCluster : public ::testing::Test {
 protected:
  using json = nlohmann::json;

  void SetUp() override {
    const char* kubeconfig = std::getenv("KUBECONFIG");
    ASSERT_TRUE(kubeconfig != nullptr && *kubeconfig != '\0')
        << "KUBECONFIG is not set. Start a cluster with: ./dev cluster up; eval \"$(./dev cluster env)\"";
    auto loaded = kube::load_kubeconfigs(kubeconfig, {}, loop_, processes_);
    ASSERT_TRUE(loaded) << loaded.error().message;
    config_ = std::move(loaded).value();
    port_ = std::make_unique<http::CurlPort>(loop_, config_.endpoint, "atelier-test");
    http::SystemRandom random;
    ns_ = "atelier-test-" + std::to_string(random.next() % 1'000'000'000);
    const auto made = ask(kube::create(kube::kNamespaces, "",
                                       {{"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", {{"name", ns_}}}}));
    ASSERT_TRUE(made) << made.error().message;
  }
  void TearDown() override {
    if (!ns_.empty() && port_) static_cast<void>(ask(kube::delete_(kube::kNamespaces, {"", ns_})));
  }

  // Runs the loop until `holds`, at most so long.
  [[nodiscard]] bool await(const std::function<bool()>& holds, Millis limit = std::chrono::seconds{20}) {
    const SteadyTime end = loop_.now() + limit;
    while (!holds() && loop_.now() < end) loop_.context().run_one_for(std::chrono::milliseconds{20});
    loop_.context().restart();
    return holds();
  }
  Result<json> ask(http::Request request) { return ask(std::move(request), *port_); }
  Result<json> ask(http::Request request, http::Port& port) {
    std::optional<Result<json>> answer;
    const auto call = port.send(std::move(request), [&](Result<http::Response> r) { answer = kube::answer_of(r); });
    if (!await([&] { return answer.has_value(); }, std::chrono::seconds{40}))
      return Error{Errc::transport, "no answer"};
    return std::move(*answer);
  }
  // Asks again until it is a success: for what the server takes up a moment later.
  [[nodiscard]] bool ask_until(const std::function<http::Request()>& request) {
    const SteadyTime end = loop_.now() + std::chrono::seconds{20};
    while (loop_.now() < end) {
      if (ask(request())) return true;
    }
    return false;
  }
  static json config_map(const std::string& ns, const std::string& name, json data = json::object()) {
    return {{"apiVersion", "v1"},
            {"kind", "ConfigMap"},
            {"metadata", {{"namespace", ns}, {"name", name}}},
            {"data", std::move(data)}};
  }
  Result<json> make_config_map(const std::string& name, json data = json::object()) {
    return ask(kube::create(kube::kConfigMaps, ns_, config_map(ns_, name, std::move(data))));
  }
  // A token of a new service account of that name.
  std::string token_of(const std::string& name) {
    const kube::Resource accounts{"", "v1", "serviceaccounts", true};
    const json meta = {{"name", name}, {"namespace", ns_}};
    EXPECT_TRUE(
        ask(kube::create(accounts, ns_, {{"apiVersion", "v1"}, {"kind", "ServiceAccount"}, {"metadata", meta}})));
    http::Request request;
    request.method = http::Method::post;
    request.target = "/api/v1/namespaces/" + ns_ + "/serviceaccounts/" + name + "/token";
    request.headers = {{"Content-Type", "application/json"}};
    request.body = R"({"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{}})";
    const auto answer = ask(request);
    EXPECT_TRUE(answer) << answer.error().message;
    return answer ? answer.value()["status"]["token"].get<std::string>() : std::string{};
  }
  ObjectKey key(const std::string& name) const { return {ns_, name}; }

  http::AsioLoop loop_;
  http::AsioProcesses processes_{loop_};
  kube::Config config_;
  std::unique_ptr<http::CurlPort> port_;
  std::string ns_;
};

}  // namespace atelier::testing
