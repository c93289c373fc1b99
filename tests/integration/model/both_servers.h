// The API server of the cluster and the simulator's model of it, each with a namespace that is the same at first.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "integration/kube/real_cluster.h"
#include "integration/model/side.h"
#include "sim/api_model.h"
#include "sim/network.h"
#include "sim/sim_port.h"

namespace atelier::model {

// The model, with a clock and a network of its own.
struct Modelled {
  sim::SimLoop loop;
  sim::ApiModel api{loop};
  sim::Network network{api, loop, 1};
  sim::SimPort port{network, "test"};
};

class BothServers : public testing::RealCluster {
 protected:
  // With the CRDs of crds/, which stay.
  void SetUp() override;
  void TearDown() override;

  // A new one. What the cluster puts there by itself is put into the model's too.
  std::string make_namespace(Modelled& modelled);
  // Throws if there was no answer.
  http::Response send(http::Request request);
  // Runs the loop until `reached`, for a time that only a failure needs.
  [[nodiscard]] bool within_reason(const std::function<bool()>& reached) { return await(reached, Millis{30'000}); }

 private:
  void install_crds();

  std::vector<std::string> namespaces_;
};

}  // namespace atelier::model
