// A Deployment and a ControllerRevision as the operator keeps them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "atelier/base/ids.h"
#include "atelier/base/result.h"

namespace atelier::reconcile {

struct DeploymentRecord {
  std::string ns;
  std::string name;
  Uid uid;
  Uid owner;  // its controller's uid
  std::string input_hash;
  std::int64_t generation = 0;
  std::int64_t observed_generation = 0;
  std::int64_t replicas = 0;  // pods of whatever template; of them:
  std::int64_t updated = 0;   // of the present template
  std::int64_t available = 0;
  std::string trouble;  // the message of a condition that says why it is not available

  // Every pod is of the present template and available: the rollout is over, and well.
  bool rolled_out() const {
    return observed_generation >= generation && replicas > 0 && updated == replicas && available == replicas;
  }
};

// Error: server, when it is not a Deployment.
Result<std::shared_ptr<const DeploymentRecord>> decode_deployment(std::string_view document);

}  // namespace atelier::reconcile
