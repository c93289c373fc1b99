// The whole command line against a model of the API server, in virtual time.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "cli/failure.h"
#include "cli/program.h"
#include "sim/fixtures.h"

namespace atelier::cli {

// What a program wrote and ended with.
struct Said {
  int code = 0;
  std::string out;
  std::string err;
};

class CommandLine : public ::testing::Test {
 protected:
  static constexpr const char* kTeam = "team-a";

  CommandLine() : world(1, sim::platform_script) {
    world.network.set_errors([this](const http::Request& request, sim::Phase phase) -> std::optional<http::Response> {
      if (phase == sim::Phase::before)
        requests.push_back(std::string(to_string(request.method)) + " " + request.target);
      if (phase == sim::Phase::before && answer) return answer(request);
      return std::nullopt;
    });
  }

  Said run(std::vector<std::string> arguments) {
    std::istringstream in{input};
    std::ostringstream out;
    std::ostringstream err;
    if (full) out.setstate(std::ios::badbit);
    Terminal terminal{in, out, err, screen, screen, 80, "atelier", "", ""};
    requests.clear();
    Program program{called, terminal, [this](const ClusterOptions& options) -> Result<std::unique_ptr<Session>> {
                      return std::make_unique<Session>(Session::Parts{port, world.loop, random,
                                                                      [this] {
                                                                        stopped = false;
                                                                        world.run_until([this] { return stopped; },
                                                                                        std::chrono::hours{24});
                                                                      },
                                                                      [this] { stopped = true; }},
                                                       options.ns.empty() ? kTeam : options.ns, "https://cluster.test");
                    }};
    const int code = program.run(std::move(arguments));
    return {code, out.str(), err.str()};
  }

  static nlohmann::json object(const char* kind, const std::string& name, nlohmann::json spec,
                               nlohmann::json status = nlohmann::json::object()) {
    return {{"apiVersion", "atelier.dev/v1alpha1"},
            {"kind", kind},
            {"metadata", {{"name", name}, {"namespace", kTeam}}},
            {"spec", std::move(spec)},
            {"status", std::move(status)}};
  }
  // With a status, which no client but the operator can write.
  void given(nlohmann::json document) {
    const nlohmann::json status = document.value("status", nlohmann::json::object());
    const sim::Object made = world.create(document);
    const sim::Kind* kind = sim::find_kind("atelier.dev/v1alpha1", document["kind"].get<std::string>());
    const ObjectKey key{made->at("metadata").value("namespace", ""), made->at("metadata").at("name")};
    if (!status.empty()) world.model.patch(*kind, key, sim::PatchKind::merge, {{"status", status}}, "status");
  }

  sim::SimWorld world;
  sim::SimPort port{world.network, "cli"};
  sim::SimRandom random{7};
  std::string called = "/usr/bin/atelier";
  std::string input;
  bool screen = false;
  bool full = false;  // standard output takes nothing
  bool stopped = false;
  std::function<std::optional<http::Response>(const http::Request&)> answer;  // in place of the model's
  std::vector<std::string> requests;                                          // of everybody, since the last run()
};

}  // namespace atelier::cli
